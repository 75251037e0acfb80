"""The command `coco journal`: a month's journal as files that QuickBooks Online and Xero import as they are.

Both take one company and one currency at a time, so that each legal entity and currency is a file of its own.

QuickBooks Online (Settings, Import data, Journal entries) joins the lines of one number to an entry, knows accounts by
name and wants an amount as debit or as credit. Xero (Manual journals, Import) joins the lines of one narration and
date, knows accounts by code, wants a tax rate on every line and credits below zero, and takes 300 lines a file.
"""

import csv
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

import click

from coco_warehouse.load.warehouse import quoted
from coco_warehouse.marts import MartsError, counted, money, query_marts
from coco_warehouse.spreadsheets import neutralised
from coco_warehouse.targets import Target, TargetError, resolve_target
from coco_warehouse.times import MONTH

XERO_LINES = 300

LINES = """
    select
        legal_entity, currency_code, entry_number, entry_date, account_code, account_name, description,
        debit_cents, credit_cents
    from {marts}.journal_entries
    where period_month_date = ?
    order by legal_entity, currency_code, entry_number, line_number
"""
CLOSED = "select period_month_date from {marts}.closed_periods where period_month_date = ?"
MONTHS = "select min(period_month_date), max(period_month_date) from {marts}.journal_entries"
TAX_RATES = "select legal_entity, tax_rate_name from {reference}.legal_entities"

Cells = list[str]


class JournalError(Exception):
    """The journal cannot be written; the text says why and what to do."""


@dataclass(frozen=True)
class JournalLine:
    """One line of the mart journal_entries; `debit_cents` and `credit_cents` are not negative, and one of them is 0."""

    legal_entity: str
    currency_code: str
    entry_number: str
    entry_date: date
    account_code: str
    account_name: str
    description: str
    debit_cents: int
    credit_cents: int


@dataclass(frozen=True)
class JournalFile:
    """A written file: what it holds and where it is."""

    path: Path
    legal_entity: str
    currency_code: str
    entries: int
    lines: int
    debit_cents: int


def decimal_text(cents: int) -> str:
    """Write cents as units with two decimals and nothing else: -123456 is -1234.56."""
    units, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{units}.{rest:02d}"


def plain_text(text: str) -> str:
    """Write text on one line, with an apostrophe before what a spreadsheet would take for a formula."""
    return neutralised(" ".join(text.split()))


def quickbooks_rows(lines: Iterable[JournalLine]) -> list[Cells]:
    """Rows for QuickBooks Online, with their heading; dates as MM/DD/YYYY."""
    rows = [["JournalNo", "JournalDate", "AccountName", "Debits", "Credits", "Description", "Currency"]]
    for line in lines:
        rows.append(
            [
                line.entry_number,
                line.entry_date.strftime("%m/%d/%Y"),
                plain_text(line.account_name),
                decimal_text(line.debit_cents) if line.debit_cents else "",
                decimal_text(line.credit_cents) if line.credit_cents else "",
                plain_text(line.description),
                line.currency_code,
            ]
        )
    return rows


def xero_rows(lines: Iterable[JournalLine], tax_rate_name: str) -> list[Cells]:
    """Rows for Xero, with their heading; dates as 31 Oct 2026, which no region reads otherwise."""
    rows = [["*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount"]]
    for line in lines:
        rows.append(
            [
                f"{line.entry_number} {line.legal_entity} {line.currency_code}",
                f"{line.entry_date.day} {_MONTH_NAMES[line.entry_date.month - 1]} {line.entry_date.year}",
                plain_text(line.description),
                plain_text(line.account_code),
                plain_text(tax_rate_name),
                decimal_text(line.debit_cents - line.credit_cents),
            ]
        )
    return rows


# Not those of the machine's language.
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def read_journal(target: Target, period: date) -> list[JournalLine]:
    """Read a month's journal, by legal entity, currency and entry.

    Args:
        period: the first day of the month.

    Raises:
        JournalError: the month has no entry, or an entry does not balance.
        MartsError: the warehouse cannot be reached, or its marts are not built.
    """
    marts = quoted(f"{target.schema}_marts")
    rows, [months] = query_marts(target, [(LINES.format(marts=marts), [period]), (MONTHS.format(marts=marts), [])])
    if not rows:
        held = f"it holds {months[0]:%Y-%m} to {months[1]:%Y-%m}" if months[0] else "it is empty"
        raise JournalError(f"The journal of target {target.name} has no entry in {period:%Y-%m}; {held}.")
    lines = [JournalLine(*row) for row in rows]
    for key, entry in _entries(lines):
        difference = sum(line.debit_cents - line.credit_cents for line in entry)
        if difference:
            raise JournalError(
                f"Entry {key[2]} of {key[0]} is {money(difference)} {key[1]} out of balance; nothing was written. "
                "Run dbt build: its law debits_equal_credits must hold."
            )
    return lines


def is_closed(target: Target, period: date) -> bool:
    """Whether a month is closed, so that its journal stays.

    Raises:
        MartsError: the warehouse cannot be reached, or its marts are not built.
    """
    marts = quoted(f"{target.schema}_marts")
    [closed] = query_marts(target, [(CLOSED.format(marts=marts), [period])])
    return bool(closed)


def write_quickbooks(lines: Sequence[JournalLine], out: Path) -> list[JournalFile]:
    """Write a journal for QuickBooks Online: a file for each legal entity and currency.

    Raises:
        JournalError: one of the files is there already.
    """
    books = [list(book) for _, book in groupby(lines, _book)]
    return [_write(path, book, quickbooks_rows(book)) for path, book in zip(_paths(out, books), books, strict=True)]


def write_xero(lines: Sequence[JournalLine], out: Path, tax_rates: dict[str, str]) -> list[JournalFile]:
    """Write a journal for Xero: a file for each legal entity and currency, in as many parts as 300 lines a file need.

    Args:
        tax_rates: name of the tax rate of lines without tax, by legal entity.

    Raises:
        JournalError: an entity has no such name, one entry has more lines than a file may, or one of the files is
            there already.
    """
    missing = sorted({line.legal_entity for line in lines} - tax_rates.keys())
    if missing:
        raise JournalError(
            f"Xero wants a tax rate on every line, and the seed legal_entities has no row for {', '.join(missing)}. "
            "Add one with the tax_rate_name as it stands in Xero, and run: dbt seed --select legal_entities"
        )
    books = [part for _, book in groupby(lines, _book) for part in _parts(list(book))]
    return [
        _write(path, book, xero_rows(book, tax_rates[book[0].legal_entity]))
        for path, book in zip(_paths(out, books), books, strict=True)
    ]


def _book(line: JournalLine) -> tuple[str, str]:
    return line.legal_entity, line.currency_code


def _entry(line: JournalLine) -> tuple[str, str, str]:
    return line.legal_entity, line.currency_code, line.entry_number


def _entries(lines: Iterable[JournalLine]) -> list[tuple[tuple[str, str, str], list[JournalLine]]]:
    return [(key, list(entry)) for key, entry in groupby(lines, _entry)]


def _parts(book: Sequence[JournalLine]) -> list[list[JournalLine]]:
    """Divide a book into parts of whole entries that Xero takes."""
    parts: list[list[JournalLine]] = [[]]
    for key, entry in _entries(book):
        if len(entry) > XERO_LINES:
            raise JournalError(
                f"Entry {key[2]} of {key[0]} has {len(entry)} lines, and Xero takes {XERO_LINES} a file: "
                "post it by hand, or import the journal into QuickBooks Online."
            )
        if len(parts[-1]) + len(entry) > XERO_LINES:
            parts.append([])
        parts[-1].extend(entry)
    return parts


def _paths(out: Path, books: Sequence[Sequence[JournalLine]]) -> list[Path]:
    """Name a file for each book: `out` itself for one, else with entity, currency and part in its name.

    Raises:
        JournalError: one of them is there already.
    """
    paths = [out] if len(books) == 1 else _names(out, books)
    if present := [path for path in paths if path.exists()]:
        raise JournalError(
            f"{present[0]} is there already, perhaps for another program, and is not written over; nothing was "
            "written. Move it away, or name another --out."
        )
    return paths


def _names(out: Path, books: Sequence[Sequence[JournalLine]]) -> list[Path]:
    paths: list[Path] = []
    for book in books:
        slug = re.sub(r"[^a-z0-9]+", "-", " ".join(_book(book[0])).lower()).strip("-")
        stem, number = f"{out.stem}-{slug}", 1
        while (path := out.with_name(f"{stem}{f'-{number}' if number > 1 else ''}{out.suffix}")) in paths:
            number += 1
        paths.append(path)
    return paths


def _write(path: Path, book: Sequence[JournalLine], rows: Iterable[Cells]) -> JournalFile:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return JournalFile(path, *_book(book[0]), len(_entries(book)), len(book), sum(line.debit_cents for line in book))


def _tax_rates(target: Target) -> dict[str, str]:
    reference = quoted(f"{target.schema}_reference")
    [rows] = query_marts(target, [(TAX_RATES.format(reference=reference), [])])
    return {entity: name for entity, name in rows if name}


@click.command()
@click.option("--period", required=True, type=MONTH, help="Month to write.")
@click.option(
    "--format", "file_format", required=True, type=click.Choice(["quickbooks", "xero"]), help="Who is to import it."
)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="CSV file to write.")
@click.option("--target", help="Output of the dbt profile to read; by default the profile's own.")
@click.option("--profiles-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of profiles.yml.")
@click.option("--project-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of dbt_project.yml.")
def journal(
    period: datetime,
    file_format: str,
    out: Path,
    target: str | None,
    profiles_dir: Path | None,
    project_dir: Path | None,
) -> None:
    """Write a month's journal for QuickBooks Online or Xero.

    Several legal entities or currencies are a file each, named after FILE; one alone is FILE itself.
    """
    try:
        resolved = resolve_target(target, profiles_dir, project_dir)
        lines = read_journal(resolved, period.date())
        if not out.parent.is_dir():
            raise JournalError(f"There is no folder {out.parent} to write {out.name} to.")
        writers: dict[str, Callable[[], list[JournalFile]]] = {
            "quickbooks": lambda: write_quickbooks(lines, out),
            "xero": lambda: write_xero(lines, out, _tax_rates(resolved)),
        }
        stays = is_closed(resolved, period.date())
        files = writers[file_format]()
    except (JournalError, MartsError, TargetError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}") from error
    for file in files:
        click.echo(
            f"{file.path}: {file.legal_entity}, {counted(file.entries, 'entry', 'entries')}, "
            f"{counted(file.lines, 'line')}, {money(file.debit_cents)} {file.currency_code} debit and credit"
        )
    if stays:
        click.echo(f"{period:%Y-%m} is closed: these entries and their numbers stay.")
    else:
        click.echo(
            f"{period:%Y-%m} is not closed: data that come later can change its entries and move their numbers. "
            "Import it for good after coco close."
        )

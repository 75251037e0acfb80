"""Resolutions of exceptions, as people write them into the workbook or a CSV: recognised, checked, and made rows.

A row is landed only where it says who, why and how, and where the exception is in the marts with exactly the amount
that the file has. Every other row changes nothing and is told with its reason; the right rows of a file still land.
"""

import csv
import datetime
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pyarrow as pa

# As a module, since it imports a module of this package itself.
from coco_warehouse import marts
from coco_warehouse.catalog import Catalog, RawTable, project_seed
from coco_warehouse.load.csv_records import fold, read_records
from coco_warehouse.load.errors import FileRefused
from coco_warehouse.load.files import SourceFile
from coco_warehouse.load.warehouse import Warehouse, quoted, table_name
from coco_warehouse.spreadsheets import begins_as_formula
from coco_warehouse.targets import Target

RESOLUTIONS = "exception_resolutions"
SHEET = "exceptions"
WORKBOOK_SUFFIX = ".xlsx"
# Columns that are read; others, which tell people about the exception, are passed over.
REQUIRED_COLUMNS = (
    "exception_id",
    "period",
    "open_amount",
    "resolution_code",
    "reason",
    "resolved_by",
    "evidence_reference",
)
OPTIONAL_COLUMNS = ("owner",)
# Columns that people fill in: where all are blank, nobody resolved the exception.
FILLED_IN = ("resolution_code", "reason", "resolved_by", "owner", "evidence_reference")
LONGEST_TEXT = {
    "reason": 2000,
    "resolved_by": 200,
    "owner": 200,
    "evidence_reference": 500,
    "resolution_code": 100,
}
# The header stands in one of the first rows; in a workbook people put notes above it.
HEADER_ROWS = {".csv": 5, WORKBOOK_SUFFIX: 50}
# A workbook of a hundred thousand exceptions is some 30 MB uncompressed.
LARGEST_WORKBOOK_BYTES = 512 * 1024 * 1024
IDS_A_QUERY = 500
SHOWN_CHARACTERS = 40
EXCEPTION_ID = re.compile(r"[0-9a-f]{32}")
PERIOD = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
# What spreadsheets make of a month when they save a CSV.
SPELLINGS_OF_A_MONTH = ("%b-%y", "%b %Y", "%Y-%m-%d")
AMOUNT = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,2})?")
EXPORT_AGAIN = "Build the warehouse, export the exceptions again, and enter it there."

# What is kept of the exception as it was, so that its history stands when its cause is gone from the data.
KEPT_TEXTS = (
    *("subject_type", "subject_id", "order_id", "statement_line_id", "payout_id", "deposit_id", "store_id"),
    *("merchant_id", "platform", "legal_entity", "currency_code", "break_class"),
)
KEPT_DATES = ("posting_date", "first_seen_date", "due_date")
EXCEPTION_COLUMNS = (*KEPT_TEXTS, *KEPT_DATES, "exception_cents", "open_cents")
DECISION_COLUMNS = ("period", "amount_cents", "resolution_code", "reason", "resolved_by", "owner", "evidence_reference")


@dataclass(frozen=True)
class Formula:
    """A cell that holds a formula."""

    text: str


@dataclass(frozen=True)
class EnteredRow:
    """A row as it was entered: its number in the file, from 1, and what its columns hold (text, number, formula)."""

    number: int
    values: Mapping[str, object]


@dataclass(frozen=True)
class Resolution:
    """A row that was checked: what it lands as, all but the columns of its file."""

    number: int
    exception_id: str
    decision: Mapping[str, object]
    exception: Mapping[str, object] = field(default_factory=dict)


@dataclass
class ResolutionFile:
    """A file of resolutions; `accepted` are the rows that are to land, once `check_resolutions` has seen it."""

    file: SourceFile
    header_row: int
    columns: Mapping[str, int]
    accepted: list[Resolution] = field(default_factory=list)


@dataclass(frozen=True)
class CheckedFile:
    """What a check found: rows that are wrong, with the reason, and how many were passed over, by kind."""

    rejected: Sequence[tuple[int, str]]
    passed_over: Counter[str]


def recognise_resolutions(file: SourceFile) -> ResolutionFile | None:
    """Find the header of a file of resolutions; None where a CSV is something else.

    Raises:
        FileRefused: it is a workbook that cannot be read, or has no sheet of exceptions, or lacks a column.
    """
    suffix = file.stem_and_suffix[1]
    if suffix not in HEADER_ROWS:
        return None
    for number, values in islice(_rows(file), HEADER_ROWS[suffix]):
        names = [_column_name(value) for value in values]
        if {"exception_id", "resolution_code"} <= set(names):
            return _with_header(file, number, names)
    if suffix == WORKBOOK_SUFFIX:
        raise FileRefused(
            f"None of the first {HEADER_ROWS[suffix]} rows of its sheet “{SHEET}” has the columns “Exception id” and "
            "“Resolution code”. Fill in the workbook that coco workbook wrote, and keep its headings."
        )
    return None


def _with_header(file: SourceFile, number: int, names: list[str]) -> ResolutionFile:
    missing = [name for name in REQUIRED_COLUMNS if name not in names]
    if missing:
        raise FileRefused(
            f"Its header (row {number}) is that of resolutions and lacks {', '.join(missing)}. "
            "Export the exceptions again, and keep all columns."
        )
    known = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)
    twice = [name for name in known if names.count(name) > 1]
    if twice:
        raise FileRefused(f"In its header (row {number}) {', '.join(twice)} stands twice: remove one of them.")
    return ResolutionFile(file, number, {name: names.index(name) for name in known if name in names})


def _column_name(value: object) -> str:
    """A heading as the name of a column: “Resolution code” is resolution_code."""
    return fold(value).casefold().replace(" ", "_") if isinstance(value, str) else ""


def _workbook_rows(file: SourceFile) -> Iterator[tuple[int, list[object]]]:
    """Read the rows of the sheet of exceptions: texts, numbers, and formulas as such."""
    from openpyxl import load_workbook

    try:
        with file.open() as stream, zipfile.ZipFile(stream) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST_WORKBOOK_BYTES:
                raise FileRefused("Uncompressed it is larger than any workbook of exceptions. Export it again.")
        with file.open() as stream, closing(load_workbook(stream, read_only=True, data_only=False)) as workbook:
            names = {name.casefold(): name for name in workbook.sheetnames}
            if SHEET not in names:
                raise FileRefused(
                    f"It has no sheet “{SHEET}”; its sheets are {', '.join(workbook.sheetnames)}. "
                    "Of Excel workbooks only that of coco workbook is loaded; save anything else as “CSV UTF-8”."
                )
            for number, cells in enumerate(workbook[names[SHEET]].iter_rows(), start=1):
                yield number, [_cell_value(cell) for cell in cells]
    except FileRefused:
        raise
    # The library raises whatever the part of the file that is broken leads to.
    except Exception as error:
        raise FileRefused(
            "It is named as an Excel workbook and cannot be read as one "
            f"({_shown(str(error) or type(error).__name__)}). "
            "Resolutions: save it again as .xlsx, without a password. Anything else: save it as “CSV UTF-8”."
        ) from error


def _cell_value(cell: Any) -> object:
    return Formula(str(cell.value)) if cell.data_type == "f" else cell.value


def _rows(file: SourceFile) -> Iterable[tuple[int, Sequence[object]]]:
    return _workbook_rows(file) if file.stem_and_suffix[1] == WORKBOOK_SUFFIX else read_records(file)


def _entered_rows(content: ResolutionFile) -> Iterator[EnteredRow]:
    for number, values in _rows(content.file):
        if number > content.header_row and any(not _is_blank(value) for value in values):
            yield EnteredRow(
                number,
                {name: values[place] if place < len(values) else None for name, place in content.columns.items()},
            )


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def check_resolutions(
    content: ResolutionFile, known: "KnownExceptions", codes: Mapping[str, str], today: datetime.date
) -> CheckedFile:
    """Check each row of a file against the marts, and note in `content.accepted` those that are right.

    Args:
        content: the file.
        known: the exceptions and what was resolved of them; learns of the rows that are accepted.
        codes: outcome of each resolution code.
        today: day of the load; a period that begins later cannot be resolved.

    Raises:
        FileRefused: the file cannot be read to its end.
    """
    rejected: list[tuple[int, str]] = []
    passed_over: Counter[str] = Counter()
    entered = []
    for row in _entered_rows(content):
        if all(_is_blank(row.values.get(name)) for name in FILLED_IN):
            passed_over["rows that resolve nothing"] += 1
        else:
            entered.append(row)
    ids = Counter(value for row in entered if isinstance(value := _text(row.values["exception_id"]), str))
    known.fetch(ids)
    period = next((text for row in entered if (text := _period_text(row.values["period"]))), "")
    for row in entered:
        reasons, resolution = _read_row(row, codes, period, today)
        if resolution is not None:
            if ids[resolution.exception_id] > 1:
                reasons.append(
                    f"Exception {resolution.exception_id} stands in {ids[resolution.exception_id]} rows that "
                    "resolve it: none of them is taken. Leave the one that is meant."
                )
            elif known.is_loaded(resolution):
                passed_over["rows that were loaded before"] += 1
                continue
            else:
                reasons += known.objections(resolution, codes)
        if reasons or resolution is None:
            rejected.append((row.number, " ".join(reasons)))
        else:
            content.accepted.append(known.accept(resolution, content.file.name))
    return CheckedFile(rejected, passed_over)


def _read_row(
    row: EnteredRow, codes: Mapping[str, str], file_period: str, today: datetime.date
) -> tuple[list[str], Resolution | None]:
    """Read one row. Returns what is wrong with it, and the resolution where its exception and amount can be read."""
    values = row.values
    reasons: list[str] = []
    texts = {name: _checked_text(name, values.get(name), reasons) for name in FILLED_IN}
    code = texts["resolution_code"] or ""
    if code not in codes and not _is_text_problem("resolution_code", reasons):
        told = f"resolution_code is “{_shown(code)}”" if code else "resolution_code is blank"
        reasons.append(f"{told}: the codes are {', '.join(codes)}.")
    for name, meaning in (("resolved_by", "who resolved it"), ("reason", "why")):
        if not texts[name] and not _is_text_problem(name, reasons):
            reasons.append(f"{name} is blank: say {meaning}.")
    if code == "assigned" and not texts["owner"]:
        reasons.append("owner is blank: say whom it is assigned to.")
    period = _checked_period(values["period"], file_period, today, reasons)
    cents = _checked_cents(values["open_amount"], reasons)
    exception_id = _text(values["exception_id"])
    if not isinstance(exception_id, str) or not EXCEPTION_ID.fullmatch(exception_id):
        reasons.append(f"There is no exception “{_shown(exception_id)}”. {EXPORT_AGAIN}")
        return reasons, None
    if period is None or cents is None:
        return reasons, None
    return reasons, Resolution(row.number, exception_id, {**texts, "period": period, "amount_cents": cents})


def _is_text_problem(name: str, reasons: list[str]) -> bool:
    return any(reason.startswith(f"{name} ") for reason in reasons)


def _text(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _checked_text(name: str, value: object, reasons: list[str]) -> str | None:
    """What a column that people fill in says; None where it is blank or is not to be taken, which is noted."""
    if isinstance(value, Formula):
        reasons.append(f"{name} is a formula ({_shown(value.text)}). Enter plain text.")
        return None
    if _is_blank(value):
        return None
    raw = value if isinstance(value, str) else str(value)
    text = raw.strip()
    if begins_as_formula(raw):
        reasons.append(
            f"{name} begins with “{_shown(raw[:1])}”, which a spreadsheet takes for a formula ({_shown(text)}). "
            "Begin it with a word."
        )
    elif len(text) > LONGEST_TEXT[name]:
        reasons.append(f"{name} has {len(text):,} characters ({_shown(text)}); {LONGEST_TEXT[name]:,} is the most.")
    elif any(not mark.isprintable() and mark != "\n" for mark in text):
        reasons.append(f"{name} has a control character ({_shown(text)}). Enter plain text.")
    else:
        return text
    return None


def _period_text(value: object) -> str:
    """A period as text; spreadsheets make a date of one that is typed, and write it their way in a CSV."""
    if isinstance(value, datetime.date):
        return f"{value:%Y-%m}"
    text = value.strip() if isinstance(value, str) else ""
    for spelling in SPELLINGS_OF_A_MONTH:
        with suppress(ValueError):
            return f"{datetime.datetime.strptime(text, spelling):%Y-%m}"
    return text


def _checked_period(value: object, file_period: str, today: datetime.date, reasons: list[str]) -> str | None:
    period = _period_text(value)
    if not PERIOD.fullmatch(period):
        reasons.append(f"period is “{_shown(value)}”: write the month as YYYY-MM.")
        return None
    if period != file_period:
        reasons.append(f"period is {period}, and the file is of {file_period}: a file is of one period.")
    if datetime.date.fromisoformat(f"{period}-01") > today:
        reasons.append(f"Period {period} has not begun.")
    return period


def _checked_cents(value: object, reasons: list[str]) -> int | None:
    """Cents of an amount, exactly; None where it is none, which is noted."""
    text = value.text if isinstance(value, Formula) else str(value if value is not None else "").strip()
    plain = text.replace(",", "").removeprefix("'")
    if plain.startswith("(") and plain.endswith(")"):
        plain = f"-{plain[1:-1]}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        # A number of a workbook is a double; its shortest spelling is what was entered.
        plain = format(Decimal(repr(value)), "f") if abs(value) < 10**13 else ""
        plain = plain.removesuffix(".0")
    try:
        if AMOUNT.fullmatch(plain):
            return int(Decimal(plain) * 100)
    except InvalidOperation:
        pass
    reasons.append(f"open_amount is “{_shown(text)}”, which is no amount. {EXPORT_AGAIN}")
    return None


def _shown(value: object) -> str:
    """A value as it is printed: cut short, without what a terminal would obey."""
    text = "" if value is None else value.text if isinstance(value, Formula) else str(value)
    cut = f"{text[:SHOWN_CHARACTERS]}…" if len(text) > SHOWN_CHARACTERS else text
    return "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in cut)


class KnownExceptions:
    """The exceptions of the marts and the resolutions that were landed, as far as some files name them."""

    def __init__(self, warehouse: Warehouse, catalog: Catalog, target: Target) -> None:
        """Take the open warehouse, and the target whose marts say what is open."""
        self._warehouse = warehouse
        self._table: RawTable = catalog.table("finance", RESOLUTIONS)
        self._target = target
        self._fetched: set[str] = set()
        self._exceptions: dict[str, dict[str, Any]] = {}
        self._landed: dict[str, list[dict[str, Any]]] = {}
        self._built: set[str] = set()
        self._last_posted: dict[str, datetime.date] = {}

    def fetch(self, ids: Iterable[str]) -> None:
        """Read what is known of some exceptions.

        Raises:
            FileRefused: the marts are not built.
        """
        wanted = sorted({value for value in ids if EXCEPTION_ID.fullmatch(value)} - self._fetched)
        for start in range(0, len(wanted), IDS_A_QUERY):
            some = wanted[start : start + IDS_A_QUERY]
            marks = ", ".join(["?"] * len(some))
            schema = quoted(f"{self._target.schema}_marts")
            for row in self._query_marts(
                f"select exception_id, {', '.join(EXCEPTION_COLUMNS)} from {schema}.reconciliation_exceptions "
                f"where exception_id in ({marks})",
                some,
            ):
                self._exceptions[row[0]] = dict(zip(EXCEPTION_COLUMNS, row[1:], strict=True))
            items = (
                f"select exception_id, max(posting_date) from {schema}.exception_items "
                f"where exception_id in ({marks}) group by exception_id"
            )
            self._last_posted.update(dict(self._query_marts(items, some)))
            history = f"select resolution_id from {schema}.exception_history where exception_id in ({marks})"
            self._built.update(identity for (identity,) in self._query_marts(history, some))
            self._fetch_landed(some)
        self._fetched.update(wanted)

    def _fetch_landed(self, ids: list[str]) -> None:
        if not self._warehouse.columns(self._table):
            return
        names = ("exception_id", "resolution_id", "source_file_name", "source_row_number", *DECISION_COLUMNS)
        for row in self._warehouse.query(
            f"select {', '.join(names)} from {table_name(self._table)} "
            f"where exception_id in ({', '.join(['%s'] * len(ids))}) "
            "order by loaded_at, source_file_hash, source_row_number",
            ids,
        ):
            self._landed.setdefault(row[0], []).append(dict(zip(names, row, strict=True)))

    def _query_marts(self, text: str, values: list[str]) -> list[tuple[Any, ...]]:
        not_built = f"The marts of target {self._target.name} are not built, so that no resolution can be checked."
        build = f"Run: dbt build --target {self._target.name}; then load the file again."
        try:
            if self._table.database == self._target.database:
                return self._warehouse.query(text.replace("?", "%s"), values)
            (rows,) = marts.query_marts(self._target, [(text, values)])
        except (duckdb.CatalogException, psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedColumn) as error:
            raise FileRefused(f"{not_built} {build}") from error
        except psycopg2.errors.InsufficientPrivilege as error:
            raise FileRefused(
                "The marts, which resolutions are checked against, are not open to this login. "
                "Load the file with a login of coco_finance."
            ) from error
        except marts.MartsError as error:
            raise FileRefused(f"{not_built} {error}") from error
        return rows

    def is_loaded(self, resolution: Resolution) -> bool:
        """Whether the last resolution of the exception says the very same."""
        landed = self._landed.get(resolution.exception_id)
        return landed is not None and all(landed[-1][name] == resolution.decision[name] for name in DECISION_COLUMNS)

    def objections(self, resolution: Resolution, codes: Mapping[str, str]) -> list[str]:
        """What speaks against a resolution, as the marts and what was landed since they were built know it."""
        exception = self._exceptions.get(resolution.exception_id)
        if exception is None:
            return [f"There is no exception “{resolution.exception_id}”. {EXPORT_AGAIN}"]
        period = str(resolution.decision["period"])
        if f"{exception['posting_date']:%Y-%m}" > period:
            return [
                f"The exception is of {exception['posting_date']:%Y-%m}, and the file of {period}, which is before it."
            ]
        landed = self._landed.get(resolution.exception_id, [])
        waiting = [row for row in landed if row["resolution_id"] not in self._built]
        if waiting:
            return [f"It is resolved already, by {_origin(waiting[-1])}, which is not built yet. {EXPORT_AGAIN}"]
        open_cents, cents = exception["open_cents"], resolution.decision["amount_cents"]
        outcome = codes.get(str(resolution.decision["resolution_code"]), "")
        settled = any(codes.get(row["resolution_code"]) in ("resolved", "written_off") for row in landed)
        if outcome == "reopened" and not settled:
            return ["It was never resolved, so that there is nothing to reopen."]
        if outcome != "reopened" and open_cents == 0:
            by = f", by {_origin(landed[-1])}" if landed else ""
            return [f"It is resolved already{by}. To undo that use the code reopened."]
        last_posted = self._last_posted.get(resolution.exception_id)
        if outcome in ("resolved", "written_off") and last_posted and f"{last_posted:%Y-%m}" > period:
            return [
                f"A part of the exception is of {last_posted:%Y-%m}, after {period}: "
                "resolve it in that month's workbook."
            ]
        if outcome == "reopened" and cents != open_cents:
            return [
                f"open_amount is {marts.money(int(str(cents)))}, and {marts.money(open_cents)} is open: to reopen it, "
                f"write {marts.money(open_cents)} as open_amount."
            ]
        if cents != open_cents:
            return [
                f"open_amount is {marts.money(int(str(cents)))}, and {marts.money(open_cents)} is open: the exception "
                f"has changed since the export, or the amount was. {EXPORT_AGAIN}"
            ]
        return []

    def accept(self, resolution: Resolution, file_name: str) -> Resolution:
        """Note that a resolution is to land. Returns it with what is kept of its exception."""
        row = {
            **resolution.decision,
            "resolution_id": None,
            "source_file_name": file_name,
            "source_row_number": resolution.number,
        }
        self._landed.setdefault(resolution.exception_id, []).append(row)
        exception = self._exceptions[resolution.exception_id]
        return Resolution(resolution.number, resolution.exception_id, resolution.decision, exception)


def _origin(landed: Mapping[str, Any]) -> str:
    return f"{landed['resolved_by']} ({landed['source_file_name']}, row {landed['source_row_number']})"


def read_codes(project_dir: Path) -> dict[str, str]:
    """The resolution codes of the project and the outcome of each.

    Raises:
        FileNotFoundError: the seed is missing.
    """
    with project_seed(project_dir, "resolution_codes").open(encoding="utf-8", newline="") as text:
        return {row["resolution_code"]: row["outcome"] for row in csv.DictReader(text)}


def resolution_columns(content: ResolutionFile) -> tuple[list[int], dict[str, pa.Array]]:
    """Row numbers of the accepted rows, and their columns, all but those that every landing table has."""
    rows = content.accepted
    prefix = content.file.content_hash[:32]
    columns: dict[str, pa.Array] = {
        "resolution_id": pa.array([f"{prefix}-{row.number}" for row in rows], pa.string()),
        "exception_id": pa.array([row.exception_id for row in rows], pa.string()),
    }
    for name in DECISION_COLUMNS:
        type_ = pa.int64() if name == "amount_cents" else pa.string()
        columns[name] = pa.array([row.decision[name] for row in rows], type_)
    for name in KEPT_TEXTS:
        columns[name] = pa.array([row.exception[name] for row in rows], pa.string())
    for name in KEPT_DATES:
        dates = [row.exception[name] for row in rows]
        columns[name] = pa.array([None if date is None else str(date) for date in dates], pa.string())
    columns["exception_cents"] = pa.array([row.exception["exception_cents"] for row in rows], pa.int64())
    return [row.number for row in rows], columns

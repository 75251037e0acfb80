"""Payout statements and bank exports: which format a CSV file has, and its data rows."""

import csv
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from coco_warehouse.catalog import project_seed
from coco_warehouse.load.csv_records import fold, read_records, read_rows
from coco_warehouse.load.errors import FileRefused
from coco_warehouse.load.files import SourceFile, nearest

# The header stands in one of the first records; those before it describe the columns.
HEADER_RECORDS = 5
BANK_FORMAT = "bank_transactions"
BANK_COLUMNS = (
    "transaction_id",
    "account_id",
    "posted_date",
    "amount",
    "currency",
    "description",
    "reference",
)
TOTALS_WORDS = frozenset(("total", "totals", "grand total", "sum"))


@dataclass(frozen=True)
class CsvFormat:
    """A CSV export that is known: its headers, folded, those that must be there, and those that identify a row.

    A header that begins with `*` stands for every header that ends with the rest of it.
    """

    name: str
    headers: frozenset[str]
    required: frozenset[str]
    identifying: frozenset[str]
    amounts: frozenset[str]
    patterns: tuple[str, ...] = ()

    def maps(self, header: str) -> bool:
        """Whether a folded header is one of the format's."""
        return header in self.headers or any(fnmatchcase(header, pattern) for pattern in self.patterns)


@dataclass(frozen=True)
class CsvExport:
    """A CSV file whose format is known. `header` is verbatim and stands in record `header_number`."""

    file: SourceFile
    format: CsvFormat
    header: tuple[str, ...]
    header_number: int


@dataclass
class SkippedRows:
    """Records of an export that are no data rows."""

    repeated_headers: int = 0
    totals: int = 0


def read_formats(project_dir: Path) -> list[CsvFormat]:
    """Read the statement formats from the seeds of the project, and add the bank's.

    Raises:
        FileNotFoundError: a seed is missing.
    """
    columns: dict[str, list[dict[str, str]]] = {}
    with project_seed(project_dir, "statement_columns").open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            columns.setdefault(row["statement_format"], []).append(row)
    return [*(_statement_format(name, rows) for name, rows in columns.items()), _bank_format()]


def _statement_format(name: str, rows: list[dict[str, str]]) -> CsvFormat:
    def headers(*roles: str) -> frozenset[str]:
        return frozenset(fold(row["header"]) for row in rows if row["column_role"] in roles)

    every = frozenset(fold(row["header"]) for row in rows)
    return CsvFormat(
        name=name,
        headers=frozenset(header for header in every if not header.startswith("*")),
        required=frozenset(fold(row["header"]) for row in rows if row["is_required"] == "true"),
        identifying=frozenset(
            fold(row["header"])
            for row in rows
            if row["column_role"] == "attribute" and row["attribute_name"] not in ("currency_code", "commission_rate")
        ),
        amounts=headers("amount", "net"),
        # A bracket would be a character class to fnmatch.
        patterns=tuple(header.replace("[", "[[]") for header in every if header.startswith("*")),
    )


def _bank_format() -> CsvFormat:
    every = frozenset(BANK_COLUMNS)
    return CsvFormat(
        name=BANK_FORMAT,
        headers=every,
        required=every - {"transaction_id"},
        identifying=every - {"amount", "currency"},
        amounts=frozenset(("amount",)),
    )


def recognise_export(file: SourceFile, formats: Sequence[CsvFormat], extract_names: list[str]) -> CsvExport:
    """Find the header of a CSV file and the format it has.

    Of several formats that fit, the one with the most required headers is taken.

    Raises:
        FileRefused: no format fits; the reason names the header that is unknown, missing or repeated.
    """
    candidates = list(itertools.islice(read_records(file), HEADER_RECORDS))
    fits: list[tuple[int, int, CsvFormat, list[str]]] = []
    nears: list[tuple[int, int, CsvFormat, list[str]]] = []
    for number, fields in candidates:
        folded = [fold(name) for name in fields]
        for format_ in formats:
            known = sum(format_.maps(header) for header in set(folded))
            if known == len(folded) and format_.required <= set(folded):
                fits.append((len(format_.required), number, format_, fields))
            nears.append((known, number, format_, fields))
    if fits:
        _, number, format_, fields = max(fits, key=lambda fit: fit[0])
        return CsvExport(file, format_, tuple(fields), number)
    known, number, format_, fields = max(nears, key=lambda near: (near[0], -len(near[2].required)))
    # Descriptions and data match a header or two by chance; a header matches most of its own.
    if known * 2 < len(format_.required):
        raise FileRefused(_unknown_file_reason(file, candidates, formats, extract_names))
    raise FileRefused(_header_reason([fold(name) for name in fields], number, format_))


def _unknown_file_reason(
    file: SourceFile,
    candidates: list[tuple[int, list[str]]],
    formats: Sequence[CsvFormat],
    extract_names: list[str],
) -> str:
    fields = next((fields for _, fields in candidates if any(fields)), [])
    if not fields:
        return "It holds only blank records. Download the export again, or leave it out."
    if len(fields) == 1 and any(mark in fields[0] for mark in ";\t|"):
        return (
            "Its columns are not separated by commas. Download the export again, and do not re-save it; "
            "in a spreadsheet save it as “CSV UTF-8 (comma separated)”."
        )
    table = ".".join(file.stem_and_suffix[0].split(".")[:2])
    names = ", ".join(sorted(format_.name for format_ in formats if format_.name != BANK_FORMAT))
    # What is no header may be a customer's name.
    known = [fold(field) for field in fields if any(format_.maps(fold(field)) for format_ in formats)]
    headers = f"“{', '.join(known[:4])}”" if known else "none"
    return (
        f"None of its first {HEADER_RECORDS} records is a header that is known; of the {len(fields)} fields that it "
        f"begins with {headers} stands in one. Known are the bank's header, resolutions of exceptions "
        f"(with exception_id and resolution_code), the formats {names}, and table "
        f"extracts named <schema>.<table>.csv. A new export is described in seeds/statement_columns.csv."
        + nearest(table, extract_names)
    )


def _header_reason(folded: list[str], number: int, format_: CsvFormat) -> str:
    reasons = []
    missing = sorted(format_.required - set(folded))
    for header in folded:
        if not header:
            reasons.append(f"Column {folded.index(header) + 1} of the header has no name.")
        elif not format_.maps(header):
            hint = nearest(header, missing or format_.headers)
            reasons.append(f"The header “{header}” is not one of {format_.name}.{hint}")
    reasons.extend(
        f"The header “{header}” stands twice." for header in sorted({h for h in folded if folded.count(h) > 1})
    )
    if missing:
        reasons.append(f"It lacks {', '.join(f'“{header}”' for header in missing)} of {format_.name}.")
    remedy = (
        "Give its columns the names that docs/raw.md has for a bank's export."
        if format_.name == BANK_FORMAT
        else "Download the export again, and do not edit it; if the platform changed it, add the header to "
        "seeds/statement_columns.csv."
    )
    return f"Its header (record {number}) is nearly that of {format_.name}. {' '.join(reasons)} {remedy}"


def read_export_rows(export: CsvExport, skipped: SkippedRows) -> Iterator[tuple[int, list[str]]]:
    """Read the data rows of an export, verbatim, with their record numbers.

    Blank rows, repeated header rows and a totals row at the end are passed over; the latter two are counted.

    Raises:
        FileRefused: a record does not fit the header, or the CSV is broken or cut short.
    """
    header = [fold(name) for name in export.header]
    records = itertools.islice(read_records(export.file), export.header_number, None)
    held: tuple[int, list[str]] | None = None
    for number, fields in read_rows(records, header):
        if [fold(value) for value in fields] == header:
            skipped.repeated_headers += 1
            continue
        if held is not None:
            yield held
        held = number, fields
    if held is None:
        return
    if _is_totals_row(dict(zip(header, held[1], strict=True)), export.format):
        skipped.totals += 1
    else:
        yield held


def _is_totals_row(row: dict[str, str], format_: CsvFormat) -> bool:
    """Whether a row has amounts, and nothing that names a store or a line, save perhaps the word “total”."""
    names = {fold(value).casefold() for header, value in row.items() if header in format_.identifying}
    has_amount = any(row[header].strip() for header in format_.amounts if header in row)
    return has_amount and names <= {"", "null", *TOTALS_WORDS}


def row_data(header: tuple[str, ...], fields: list[str]) -> str:
    """A row as one JSON object, from verbatim header to verbatim text."""
    return json.dumps(dict(zip(header, fields, strict=True)), ensure_ascii=False)

"""Statement files for the tests: read into rows, written anew, and the ledger that comes of them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from warehouses import PROJECT, Warehouse

from coco_warehouse.load.csv_records import fold
from coco_warehouse.load.files import inspect_file
from coco_warehouse.load.statements import SkippedRows, read_export_rows, read_formats, recognise_export

FORMATS = read_formats(PROJECT)

# What statements become: each with the columns that tell of files and loads, which may differ between equal ledgers.
LEDGER = {
    "statement_lines": {"statement_format", "state_count", "first_loaded_at", "last_loaded_at"},
    "stated_charges": set(),
    "order_reconciliation": set(),
    "reconciliation_claims": set(),
    "payout_summaries": set(),
}
OF_FILES = {"source_file_name", "source_file_hash", "source_row_number", "loaded_at"}
SELECTED = [*LEDGER, "statement_line_states", "rejected_statement_rows"]
LAWS = ["statement_lines_stand_once", "statement_rows_landed_are_all_accounted_for", "charges_sum_to_stated_net"]


@dataclass(frozen=True)
class Statement:
    """A statement file: its name, its format, its header, folded, and its data rows."""

    name: str
    statement_format: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def place(self, header: str) -> int:
        return self.header.index(header)

    def with_rows(self, rows: Iterable[Sequence[str]], name: str | None = None) -> Statement:
        return replace(self, name=name or self.name, rows=tuple(tuple(row) for row in rows))


def parts(statement_format: str) -> dict[str, tuple[str, str]]:
    """Role and attribute of each header of a format, by the seed."""
    with (PROJECT / "seeds" / "statement_columns.csv").open(encoding="utf-8", newline="") as text:
        return {
            row["header"]: (row["column_role"], row["attribute_name"])
            for row in csv.DictReader(text)
            if row["statement_format"] == statement_format
        }


def read_statement(path: Path) -> Statement:
    export = recognise_export(inspect_file(path), FORMATS, [])
    rows = tuple(tuple(fields) for _, fields in read_export_rows(export, SkippedRows()))
    return Statement(path.name, export.format.name, tuple(map(fold, export.header)), rows)


def read_statements(folder: Path) -> list[Statement]:
    return [read_statement(path) for path in sorted(folder.rglob("*.csv"))]


def pending(statement: Statement) -> Statement:
    """A download of the same lines before they were paid, under another channel."""
    unpaid = {"payout_date": "", "payout_id": "", "payout_status": "", "channel": "Relabelled"}
    attributes = [parts(statement.statement_format).get(header, ("", ""))[1] for header in statement.header]
    return statement.with_rows(
        (
            [unpaid.get(attribute, text) for text, attribute in zip(row, attributes, strict=True)]
            for row in statement.rows
        ),
        name=f"pending {statement.name}",
    )


def csv_text(records: Iterable[Sequence[str]], line_end: str = "\n") -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=line_end).writerows(records)
    return text.getvalue()


def write_statement(statement: Statement, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / statement.name
    path.write_text(csv_text([statement.header, *statement.rows]), encoding="utf-8", newline="")
    return path


def build(warehouse: Warehouse) -> None:
    """Build what statements become, and hold it to the laws of statements."""
    warehouse.dbt("seed").assert_succeeded()
    warehouse.dbt("run", "--select", *(f"+{mart}" for mart in SELECTED)).assert_succeeded()
    warehouse.dbt("test", "--select", *LAWS).assert_succeeded()


def ledger(warehouse: Warehouse) -> dict[str, Counter[tuple[Any, ...]]]:
    """Rows of each mart, less what tells of files and loads; the first row names the columns."""
    found = {}
    for mart, of_loads in LEDGER.items():
        names = [
            name
            for (name,) in warehouse.rows(
                "select column_name from information_schema.columns "
                f"where table_schema = 'coco_marts' and table_name = '{mart}' order by ordinal_position"
            )
            if name not in OF_FILES | of_loads
        ]
        found[mart] = Counter(warehouse.rows(f"select {', '.join(names)} from coco_marts.{mart}"))
        assert found[mart], f"{mart} has no row"
        found[mart][tuple(names)] += 1
    return found


def assert_equal_ledgers(
    expected: dict[str, Counter[tuple[Any, ...]]], found: dict[str, Counter[tuple[Any, ...]]], replay: str
) -> None:
    for mart, rows in expected.items():
        missing, extra = rows - found[mart], found[mart] - rows
        shown = [*(f"- {row}" for row in list(missing)[:3]), *(f"+ {row}" for row in list(extra)[:3])]
        assert not shown, f"{mart}: {len(missing)} rows missing, {len(extra)} too many; {replay}\n" + "\n".join(shown)

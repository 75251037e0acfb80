"""Close months in the tests: load files day by day as they would come, build, close, and keep what the marts say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from warehouses import Warehouse, create_raw_table, environment, write_parsed

from coco_warehouse.close import Closed, close_month, laws

Row = tuple[Any, ...]

# All models and seeds, without tests.
EVERYTHING = ("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")

# What a close freezes, by the column that says of which month a row is.
CLOSED_MARTS = {
    "journal_postings": "period_month_date",
    "journal_entries": "period_month_date",
    "clearing_rollforward": "period_month_date",
    "transit_rollforward": "period_month_date",
    "reconciliation_rollforward": "period_month_date",
    "exception_movements": "period_month_date",
}


def arrival_of(path: Path) -> date:
    """The day on which a file of the simulator arrives: the last date in its name."""
    return date.fromisoformat(re.findall(r"\d{4}-\d{2}-\d{2}", path.name)[-1])


def by_arrival(raw: Path) -> dict[date, list[Path]]:
    """The simulator's files by day, in order."""
    days: dict[date, list[Path]] = {}
    for path in sorted(path for path in raw.rglob("*") if path.is_file()):
        days.setdefault(arrival_of(path), []).append(path)
    return dict(sorted(days.items()))


def moment(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def create_extract_tables(warehouse: Warehouse) -> None:
    """Create the tables that extracts fill, with JSON as text, since not every one has a file on the first day."""
    for table in warehouse.raw_tables():
        if table.is_extract:
            columns = [
                replace(column, data_type=column.data_type.replace("json", "string")) for column in table.columns
            ]
            warehouse.execute(*create_raw_table(table, columns))


def load_days(warehouse: Warehouse, files: Iterable[Path], loaded_at: datetime) -> None:
    report = warehouse.load(*files, loaded_at=loaded_at)
    assert not report.with_status("refused"), [outcome.reason for outcome in report.with_status("refused")]


def run(warehouse: Warehouse, as_of: datetime, *arguments: str) -> None:
    """Run dbt on a warehouse as of a moment."""
    warehouse.dbt(*arguments, variables={"as_of": f"{as_of:%Y-%m-%d %H:%M:%S}"}).assert_succeeded()


def close(warehouse: Warehouse, month: date, closed_at: datetime, out: Path | None = None, **people: str) -> Closed:
    """Close a month as `coco close` does, with what dbt writes in the warehouse's own folder.

    dbt takes the project as it is parsed already: by itself it would parse it anew for each close.
    """
    folders = {"DBT_TARGET_PATH": str(warehouse.folder / "target"), "DBT_LOG_PATH": str(warehouse.folder / "logs")}
    parsed = write_parsed(warehouse, warehouse.folder)
    first = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import parsed_dbt; "
    with (
        environment({**warehouse.environment, **folders}),
        patch.object(laws, "RUN_DBT", f"{first}parsed_dbt.take_parsed({str(parsed)!r}); {laws.RUN_DBT}"),
    ):
        return close_month(
            month,
            people.get("preparer", "P. Preparer"),
            people.get("reviewer", "R. Reviewer"),
            out or warehouse.folder / "certificates",
            warehouse.target,
            profiles_dir=warehouse.folder,
            project_dir=warehouse.project,
            closed_at=closed_at,
        )


def columns_of(warehouse: Warehouse, mart: str, schema: str = "coco_marts") -> list[str]:
    query = (
        f"select column_name from information_schema.columns where table_schema = '{schema}' and table_name = '{mart}'"
    )
    return sorted(name for (name,) in warehouse.rows(query))


def mart_rows(
    warehouse: Warehouse, mart: str, until: date | None = None, schema: str = "coco_marts", without: str = ""
) -> Counter[Row]:
    """The rows of a mart, columns by name; of the months until one where that is given."""
    columns = [name for name in columns_of(warehouse, mart, schema) if name != without]
    assert columns, f"{schema}.{mart} is not there"
    condition = f"where {CLOSED_MARTS[mart]} <= date '{until}'" if until else ""
    return Counter(warehouse.rows(f"select {', '.join(columns)} from {schema}.{mart} {condition}"))


def closed_rows(warehouse: Warehouse, month: date) -> Mapping[str, Counter[Row]]:
    """What the marts say of the months until one, less whether they are closed."""
    return {mart: mart_rows(warehouse, mart, month, without="is_closed_period") for mart in CLOSED_MARTS}


def assert_same(found: Mapping[str, Counter[Row]], expected: Mapping[str, Counter[Row]]) -> None:
    """Fail with the rows in which marts differ."""
    assert set(found) == set(expected)
    for mart in expected:
        missing, more = expected[mart] - found[mart], found[mart] - expected[mart]
        assert not missing and not more, f"{mart}: lacks {list(missing)[:3]}, has {list(more)[:3]} beyond"

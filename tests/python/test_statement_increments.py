"""Statements are opened once, and stand as if one run had opened all: after loads, by other seeds, on earlier days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from warehouses import PROJECT, Warehouse

from coco_warehouse.simulate import simulate

STAGING = ("stg_payout_statements__statement_rows", "stg_coco_load__loaded_files")
READING = "int_statement_reading"
MODELS = ("int_statement_row_texts", "int_statement_headers", "int_statement_cells", "int_statement_rows")
FIRST_LOAD = datetime(2026, 11, 1, tzinfo=UTC)
SECOND_LOAD = FIRST_LOAD + timedelta(hours=5)
BETWEEN = "2026-11-01 02:00:00"
AFTER_BOTH = "2026-11-02 00:00:00"


def opened(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    return {model: sorted(warehouse.rows(f"select * from coco_intermediate.{model}"), key=repr) for model in MODELS}


def open_statements(warehouse: Warehouse, *arguments: str, as_of: str = AFTER_BOTH) -> None:
    """Run the models alone: the seeds stay as they are in the warehouse."""
    run = warehouse.dbt("run", "--select", *STAGING, READING, *MODELS, *arguments, variables={"as_of": as_of})
    run.assert_succeeded()


def amounts_of(rows: dict[str, list[tuple[Any, ...]]], but: str) -> int:
    """How many cells of all files but one are amounts."""
    return sum(1 for file_hash, *_ in rows["int_statement_cells"] if file_hash != but)


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_increments_are_as_a_full_refresh(
    engine: str, new_warehouse: Callable[[str], Warehouse], tmp_path: Path
) -> None:
    simulate(tmp_path, orders=300, seed=7, faults=0.1, project_dir=PROJECT)
    files = sorted((tmp_path / "raw" / "statements").rglob("*.csv"))
    warehouse = new_warehouse(engine)
    warehouse.load(*files[::2], loaded_at=FIRST_LOAD)
    warehouse.dbt(
        "seed", "--select", "statement_columns", "statement_formats", "statement_line_types"
    ).assert_succeeded()
    open_statements(warehouse)
    first = opened(warehouse)

    warehouse.load(*files[1::2], loaded_at=SECOND_LOAD)
    open_statements(warehouse)
    both = opened(warehouse)
    assert 0 < len(first["int_statement_rows"]) < len(both["int_statement_rows"])

    # As of an earlier day, and of today again.
    open_statements(warehouse, as_of=BETWEEN)
    assert opened(warehouse) == first
    open_statements(warehouse)
    assert opened(warehouse) == both

    # A header that was an amount is none, and a file was taken out of the warehouse.
    (gone,) = warehouse.rows("select min(source_file_hash) from coco_intermediate.int_statement_rows")[0]
    warehouse.execute(
        "update coco_reference.statement_columns set column_role = 'informational'"
        " where statement_format = 'grubhub_transactions' and column_role = 'amount'",
        f"delete from coco_load.loaded_files where source_file_hash = '{gone}'",
    )
    open_statements(warehouse)
    changed = opened(warehouse)
    assert gone not in {row[0] for row in changed["int_statement_rows"]}
    assert amounts_of(both, gone) > amounts_of(changed, gone)
    open_statements(warehouse, "--full-refresh")
    assert changed == opened(warehouse)

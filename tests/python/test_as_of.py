"""The moment that the warehouse is looked at from: the var as_of, or the start of the run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from warehouses import DbtRun, Warehouse

QUERY = "select {{ as_of_timestamp() }} as as_of"


def compiled(warehouse: Warehouse, as_of: object) -> DbtRun:
    return warehouse.dbt("compile", "--inline", QUERY, variables={"as_of": as_of})


def moment_of(warehouse: Warehouse, as_of: object) -> datetime:
    """Compile the query and run it."""
    run = compiled(warehouse, as_of)
    run.assert_succeeded()
    [[moment]] = warehouse.rows(run.results.results[0].node.compiled_code)
    assert isinstance(moment, datetime)
    return moment


@pytest.fixture
def warehouse(new_warehouse: Callable[[str], Warehouse]) -> Warehouse:
    return new_warehouse("duckdb")


def test_it_is_the_var_where_that_is_set(warehouse: Warehouse):
    assert moment_of(warehouse, "2026-09-30T23:59:59") == datetime(2026, 9, 30, 23, 59, 59)


def test_it_is_the_start_of_the_run_in_utc_otherwise(warehouse: Warehouse):
    before = datetime.now(UTC).replace(tzinfo=None)
    moment = moment_of(warehouse, None)
    assert before - timedelta(seconds=1) <= moment <= datetime.now(UTC).replace(tzinfo=None)


@pytest.mark.parametrize("wrong", ["2026-09-30", "2026-09-30 24:00:00"])
def test_what_is_no_moment_is_refused_with_the_way_to_write_it(warehouse: Warehouse, wrong: str):
    run = compiled(warehouse, wrong)
    assert not run.succeeded
    assert f'The var as_of is "{wrong}", which is not a day and a time.' in run.output
    assert "YYYY-MM-DD HH:MM:SS" in run.output

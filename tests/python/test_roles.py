"""Who may do what on PostgreSQL, over real connections of logins that hold one role each."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import psycopg2.errors
import pytest
from closing import close
from resolving import open_of_period, resolution, write_csv
from warehouses import Warehouse, create_database

from coco_warehouse.close import CloseError
from coco_warehouse.load.errors import LoadError

ROLES = ("loader", "transformer", "analyst", "finance", "closer", "bi")

# A relation of each layer, and who may read it.
READERS = {
    "order_api.order_documents": {"loader", "transformer", "closer"},
    "coco_staging.stg_bank__transactions": {"transformer", "closer"},
    "coco_intermediate.int_statement_lines": {"transformer", "analyst", "closer"},
    "coco_restricted.order_consumers": {"transformer", "closer"},
    "coco_restricted.int_order_documents": {"transformer", "closer"},
    "coco_reference.fee_schedules": {"transformer", "analyst", "finance", "closer"},
    "coco_marts.order_reconciliation": {"transformer", "analyst", "finance", "closer", "bi"},
}


def login(warehouse: Warehouse, role: str) -> Warehouse:
    """The same warehouse as a login of its own sees it, which holds one role and works as it."""
    name = f"login_{warehouse.environment['COCO_POSTGRES_DATABASE']}_{role}"[-60:]
    warehouse.execute(
        f'create role "{name}" login', f'grant coco_{role} to "{name}"', f'alter role "{name}" set role coco_{role}'
    )
    return replace(warehouse, environment={**warehouse.environment, "COCO_POSTGRES_USER": name})


@pytest.fixture(scope="module")
def logins(run_folder: Path, sample: Path, warehouse_at: Callable[[str, Path], Warehouse]) -> dict[str, Warehouse]:
    """A warehouse whose roles were made first, loaded and built by logins that hold nothing but their role."""
    folder = Path(tempfile.mkdtemp(prefix="roles_", dir=run_folder))
    owner = warehouse_at("postgres", folder)
    create_database(owner)
    owner.dbt("run-operation", "create_roles").assert_succeeded()
    made = {role: login(owner, role) for role in ROLES}
    made["loader"].load(sample / "raw")
    made["transformer"].dbt("build", "--exclude", "test_type:generic").assert_succeeded()
    # Again: what is right stays.
    owner.dbt("run-operation", "create_roles").assert_succeeded()
    made["transformer"].dbt("run", "--select", "orders").assert_succeeded()
    return {"owner": owner, **made}


@pytest.mark.parametrize("relation", READERS)
def test_each_role_reads_what_it_may_and_nothing_else(logins: dict[str, Warehouse], relation: str) -> None:
    query = f"select count(*) from {relation}"
    [[count]] = logins["owner"].rows(query)
    assert count > 0
    for role in ROLES:
        if role in READERS[relation]:
            assert logins[role].rows(query) == [(count,)], role
        else:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                logins[role].rows(query)


@pytest.mark.parametrize("role", ["analyst", "finance", "closer", "bi"])
def test_readers_change_nothing(logins: dict[str, Warehouse], role: str) -> None:
    for statement in (
        "delete from coco_marts.order_reconciliation",
        "insert into coco_reference.funding_sources values ('A', 'merchant')",
        "drop table coco_marts.order_reconciliation",
        "create table coco_marts.mine (one integer)",
        "create table public.mine (one integer)",
        "create schema mine",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            logins[role].execute(statement)


def test_a_build_without_rights_says_so(logins: dict[str, Warehouse]) -> None:
    run = logins["bi"].dbt("run", "--select", "stg_bank__transactions")
    assert not run.succeeded
    assert "may not read bank.transactions" in run.output
    assert "coco_transformer" in run.output
    assert "column bank.transactions" not in run.output


def test_every_mart_is_open_to_bi_and_nothing_else_is(logins: dict[str, Warehouse]) -> None:
    readable = logins["bi"].rows(
        "select distinct table_schema from information_schema.tables"
        " where table_schema not in ('information_schema', 'pg_catalog')"
    )
    assert readable == [("coco_marts",)]
    everything = "select count(*) from information_schema.tables where table_schema = 'coco_marts'"
    assert logins["bi"].rows(everything) == logins["owner"].rows(everything)


def test_a_month_is_closed_by_its_role_and_by_no_other_reader(logins: dict[str, Warehouse]) -> None:
    [[month]] = logins["closer"].rows("select min(period_month_date) from coco_marts.journal_entries")
    for role in ("analyst", "finance", "bi"):
        with pytest.raises(CloseError, match="takes the role coco_closer"):
            close(logins[role], month, datetime.now(UTC))
    assert close(logins["closer"], month, datetime.now(UTC)).month == month
    assert logins["owner"].rows("select period_month_date from coco_close.closed_periods") == [(f"{month}",)]
    for statement in ("delete from coco_close.closed_periods", "update coco_close.closed_periods set preparer = 'me'"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            logins["closer"].execute(statement)


def test_resolutions_are_loaded_by_finance(logins: dict[str, Warehouse], tmp_path: Path) -> None:
    first, second, *_ = open_of_period(logins["owner"])
    file = write_csv(tmp_path / "resolutions.csv", [resolution(first)])
    for role, login_of_role in logins.items():
        if role not in ("owner", "finance", "loader"):
            with pytest.raises(LoadError, match="permission denied"):
                login_of_role.load(file)
    [refused] = logins["loader"].load(file).with_status("refused")
    assert "coco_finance" in refused.reason
    [landed] = logins["finance"].load(file).files
    assert (landed.status, landed.row_count) == ("landed", 1), landed.reason
    resolved = logins["owner"].rows("select exception_id, resolved_by from finance.exception_resolutions")
    assert resolved == [(first["exception_id"], "A. Controller")]
    # What was landed is known to the next load.
    again = write_csv(tmp_path / "again.csv", [resolution(first, reason="another"), resolution(second)])
    [landed] = logins["finance"].load(again).files
    assert [reason for _, reason in landed.rejected_rows if "which is not built yet" in reason]


def test_a_stranger_does_not_get_in(logins: dict[str, Warehouse]) -> None:
    owner = logins["owner"]
    name = f"stranger_{owner.environment['COCO_POSTGRES_DATABASE']}"[-60:]
    owner.execute(f'create role "{name}" login')
    stranger = replace(owner, environment={**owner.environment, "COCO_POSTGRES_USER": name})
    with (
        pytest.raises(psycopg2.OperationalError, match="permission denied for database"),
        contextlib.closing(stranger.connect()),
    ):
        pass


def test_roles_are_refused_where_there_are_none(new_warehouse: Callable[[str], Warehouse]) -> None:
    run = new_warehouse("duckdb").dbt("run-operation", "create_roles")
    assert not run.succeeded
    assert "Name the PostgreSQL target" in run.output

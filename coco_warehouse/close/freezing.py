"""The statements that freeze a month: rows of the marts go into the tables of `coco_close` as they are."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from coco_warehouse.aging import aging_bucket
from coco_warehouse.catalog import Catalog, RawTable
from coco_warehouse.load.landing import Landing
from coco_warehouse.load.warehouse import Warehouse, quoted, table_name

SOURCE = "coco_close"
PERIODS = "closed_periods"
# Rows are hashed a part at a time, so that a large month does not stand in memory.
HASH_PARTS = "0123456789abcdef"

# What each table takes. Queries take the month's first day as `{month}`; `closed_at` is added to each row.
_MOVEMENTS = {
    "clearing": ("expected", "claims_booked", "payouts", "written_off"),
    "transit": ("due", "deposited", "written_off"),
}
_ROLLFORWARDS = " union all ".join(
    f"""
    select
        '{rollforward}|{movement}|' || {rollforward}_rollforward_id as closed_rollforward_id, period_month_date,
        '{rollforward}' as rollforward, merchant_id, platform, legal_entity, currency_code,
        '{movement}' as movement_type, {movement}_cents as movement_cents
    from {{marts}}.{rollforward}_rollforward
    where period_month_date = {{month}}
    """
    for rollforward, movements in _MOVEMENTS.items()
    for movement in movements
)
_EXCEPTIONS = f"""
    with balances as (
        select exception_id, max(store_id) as store_id, cast(sum(movement_cents) as bigint) as open_cents
        from {{marts}}.exception_movements
        where period_month_date <= {{month}}
        group by exception_id
        having sum(movement_cents) <> 0
    )

    select
        {{month}} as period_month_date, balances.exception_id, balances.store_id, exceptions.merchant_id,
        exceptions.platform, exceptions.legal_entity, exceptions.currency_code, exceptions.subject_type,
        exceptions.subject_id, exceptions.break_class, exceptions.status, exceptions.owner,
        {aging_bucket("{last_day} - exceptions.due_date")} as aging_bucket,
        balances.open_cents, exceptions.due_date
    from balances
    inner join {{marts}}.reconciliation_exceptions as exceptions on balances.exception_id = exceptions.exception_id
"""
# Figures of the month, and with the first close those of all months before it; and what has changed of closed months.
_FIGURES = """
    select
        'figure|' || period_figure_id as closed_figure_id, {month} as period_month_date,
        period_month_date as figure_month_date, subject_type, subject_id, figure, order_id, store_id, merchant_id,
        platform, legal_entity, currency_code, figure_cents, cast(null as bigint) as before_cents,
        cast(null as bigint) as after_cents, cast(null as text) as change_reason,
        cast(null as text) as source_file_name, cast(null as timestamp) as source_loaded_at
    from {marts}.period_figures
    where period_month_date <= {month} and period_month_date > {last_closed_month}
    union all
    select
        'change|' || period_change_id as closed_figure_id, {month} as period_month_date,
        period_month_date as figure_month_date, subject_type, subject_id, figure, order_id, store_id, merchant_id,
        platform, legal_entity, currency_code, difference_cents as figure_cents, before_cents, after_cents,
        change_reason, source_file_name, loaded_at as source_loaded_at
    from {marts}.period_changes
    where adjustment_month_date > {last_closed_month}
"""
QUERIES = {
    "closed_postings": "select * from {marts}.journal_postings where period_month_date = {month}",
    "closed_journal_lines": "select * from {marts}.journal_entries where period_month_date = {month}",
    "closed_rollforwards": _ROLLFORWARDS,
    "closed_exception_movements": "select * from {marts}.exception_movements where period_month_date = {month}",
    "closed_exceptions": _EXCEPTIONS,
    "closed_figures": _FIGURES,
}


def create_tables(warehouse: Warehouse, catalog: Catalog) -> None:
    """Make the tables of closes where `coco load` has not made them yet."""
    landing = Landing(warehouse, refused_hashes=[], refused_numbers=[])
    for name in (PERIODS, *QUERIES):
        table = catalog.table(SOURCE, name)
        landing.create(table, [column.name for column in table.columns])


def freeze(
    warehouse: Warehouse,
    catalog: Catalog,
    marts: str,
    month: date,
    last_day: date,
    last_closed: date,
    closed_at: datetime,
) -> None:
    """Copy what the marts hold of a month into the tables of closes.

    Args:
        marts: schema of the marts, with its database where that is another.
        last_closed: first day of the last month that is closed.
    """
    days = {"month": month, "last_day": last_day, "last_closed_month": last_closed}
    literals = {name: f"date '{day.isoformat()}'" for name, day in days.items()}
    for name, query in QUERIES.items():
        table = catalog.table(SOURCE, name)
        columns = [column.name for column in table.columns if column.name != "closed_at"]
        # The raw tables keep days as text.
        values = [f"cast({column} as text)" if column.endswith("_date") else column for column in columns]
        warehouse.execute(
            f"insert into {table_name(table)} ({', '.join(map(quoted, columns))}, closed_at) "
            f"select {', '.join(values)}, %s from ({query.format(marts=marts, **literals)}) as frozen",
            [closed_at],
        )


def insert_period(warehouse: Warehouse, catalog: Catalog, row: Mapping[str, object]) -> None:
    """Write that a month is closed."""
    table = catalog.table(SOURCE, PERIODS)
    marks = ", ".join(["%s"] * len(row))
    warehouse.execute(
        f"insert into {table_name(table)} ({', '.join(map(quoted, row))}) values ({marks})", list(row.values())
    )


def hash_frozen(warehouse: Warehouse, catalog: Catalog, month: date) -> dict[str, tuple[int, str]]:
    """Count and hash the frozen rows of a month.

    The hash of a table is SHA-256 over the sorted SHA-256 of its rows; a row is its values by name as JSON. It is the
    same on every engine and in any order of rows.

    Returns:
        Rows and hash by the table's name in dbt.
    """
    return {name: _hash_table(warehouse, catalog.table(SOURCE, name), month) for name in QUERIES}


def _hash_table(warehouse: Warehouse, table: RawTable, month: date) -> tuple[int, str]:
    names = sorted(column.name for column in table.columns)
    key = " || '|' || ".join(f"coalesce({name}, '')" for name in table.primary_key)
    listed = ", ".join(map(quoted, names))
    digests: list[bytes] = []
    for part in HASH_PARTS:
        rows = warehouse.query(
            f"select {listed} from {table_name(table)} where period_month_date = %s and substr(md5({key}), 1, 1) = %s",
            [month.isoformat(), part],
        )
        digests += [_row_digest(names, row) for row in rows]
    return len(digests), hashlib.sha256(b"".join(sorted(digests))).hexdigest()


def _row_digest(names: Sequence[str], row: Sequence[object]) -> bytes:
    values = {name: _plain(value) for name, value in zip(names, row, strict=True)}
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).digest()


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def hash_of_all(tables: Mapping[str, tuple[int, str]]) -> str:
    """One hash of the hashes of all tables, by their names."""
    lines = [f"{name} {rows} {digest}" for name, (rows, digest) in sorted(tables.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()

"""Every mart is the same on DuckDB and PostgreSQL: columns, types, and rows to the last value.

Both warehouses are built from the same raw files, loaded at the same moment and looked at from the same day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest
from warehouses import AS_OF, Warehouse

Row = tuple[Any, ...]

# The project's names of the types that each engine reports.
TYPE_NAMES = {
    "duckdb": {"varchar": "string", "bigint": "bigint", "boolean": "boolean", "date": "date"}
    | {"timestamp": "timestamp", "integer": "integer"},
    "postgres": {"text": "string", "character varying": "string", "bigint": "bigint", "boolean": "boolean"}
    | {"date": "date", "timestamp without time zone": "timestamp", "integer": "integer"},
}
TYPES_QUERIES = {
    "duckdb": """
        select column_name, data_type from information_schema.columns
        where table_schema = '{schema}' and table_name = '{name}' order by ordinal_position
    """,
    "postgres": """
        select attname, format_type(atttypid, atttypmod) from pg_catalog.pg_attribute
        where attrelid = '"{schema}"."{name}"'::regclass and attnum > 0 and not attisdropped order by attnum
    """,
}

# Marts that the sample cannot fill, each with its reason. Empty is as it should be.
EMPTY_ON_THE_SAMPLE: dict[str, str] = {
    "closed_periods": "no month of it is closed; test_close compares it",
    "closed_exceptions": "no month of it is closed; test_close compares it",
    "period_changes": "no month of it is closed; test_close compares it",
    "exception_history": "nobody has resolved anything; test_resolutions compares it",
    "integration_setting_changes": "a change is what two runs saw differently, and the sample is built once",
    "misrouted_charges": "the sample's platforms bill as billing_routes says; test_seed_checks misroutes some",
}

SHOWN = 5


def marts_of(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    """The nodes of a warehouse's marts by name."""
    return {
        node["name"]: node
        for node in warehouse.manifest()["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    }


def columns_of(warehouse: Warehouse, node: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and types of a relation's columns, in order, in the project's names of types."""
    names = TYPE_NAMES[warehouse.engine]
    query = TYPES_QUERIES[warehouse.engine].format(schema=node["schema"], name=node["name"])
    found = [(name, engine_type.lower()) for name, engine_type in warehouse.rows(query)]
    return [(name, names.get(type_, type_.replace("numeric", "decimal"))) for name, type_ in found]


def rows_of(warehouse: Warehouse, node: dict[str, Any], columns: list[str]) -> list[Row]:
    listed = ", ".join(f'"{column}"' for column in columns)
    return warehouse.rows(f'select {listed} from "{node["schema"]}"."{node["name"]}"')


def primary_key_of(warehouse: Warehouse, node: dict[str, Any]) -> list[str]:
    """The columns that the mart's own key test names."""
    for test in warehouse.manifest()["nodes"].values():
        if test.get("attached_node") == node["unique_id"] and test["test_metadata"]["name"] == "primary_key":
            columns: list[str] = test["test_metadata"]["kwargs"]["columns"]
            return columns
    raise AssertionError(f"{node['name']} has no primary_key test, so its rows cannot be named")


def differences(columns: list[str], key: list[str], duckdb_rows: list[Row], postgres_rows: list[Row]) -> list[str]:
    """Say how two multisets of rows differ, a line for each key that differs. Empty where they are equal.

    Values are equal when they are the same Python value of the same type: 1 is not true, nor 1.0.
    """

    def typed(rows: list[Row]) -> Counter[tuple[Any, ...]]:
        return Counter(tuple((type(value).__name__, value) for value in row) for row in rows)

    on_duckdb, on_postgres = typed(duckdb_rows), typed(postgres_rows)
    places = [columns.index(column) for column in key]
    by_key: dict[tuple[Any, ...], tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
    for side, rows in enumerate((on_duckdb - on_postgres, on_postgres - on_duckdb)):
        for row in rows.elements():
            by_key[tuple(row[place] for place in places)][side].append(row)

    found = []
    for values, (left, right) in sorted(by_key.items(), key=str):
        named = ", ".join(f"{column} = {value!r}" for column, (_, value) in zip(key, values, strict=True))
        if len(left) == len(right) == 1:
            told = "; ".join(
                f"{column}: {here!r} on DuckDB, {there!r} on PostgreSQL"
                for column, (_, here), (_, there) in zip(columns, left[0], right[0], strict=True)
                if (type(here), here) != (type(there), there)
            )
        else:
            told = f"{len(left)} rows only on DuckDB, {len(right)} only on PostgreSQL"
        found.append(f"{named}: {told}")
    return found


def test_both_engines_have_the_same_marts(duckdb_warehouse, postgres_warehouse):
    marts = marts_of(duckdb_warehouse)
    assert marts
    assert set(marts) == set(marts_of(postgres_warehouse))


def test_the_same_files_landed(duckdb_warehouse, postgres_warehouse):
    query = "select source_file_hash, content_kind, content_format, row_count from coco_load.loaded_files"
    landed = sorted(duckdb_warehouse.rows(query))
    assert landed
    assert landed == sorted(postgres_warehouse.rows(query))
    for warehouse in (duckdb_warehouse, postgres_warehouse):
        assert warehouse.rows("select source_file_name, reason from coco_load.refused_files") == []


def test_every_mart_is_equal_row_for_row(duckdb_warehouse, postgres_warehouse, subtests):
    for name, node in sorted(marts_of(duckdb_warehouse).items()):
        with subtests.test(mart=name):
            columns = columns_of(duckdb_warehouse, node)
            assert columns == columns_of(postgres_warehouse, node)
            names = [column for column, _ in columns]
            on_duckdb = rows_of(duckdb_warehouse, node, names)
            on_postgres = rows_of(postgres_warehouse, node, names)
            found = differences(names, primary_key_of(duckdb_warehouse, node), on_duckdb, on_postgres)
            shown = "\n  ".join(found[:SHOWN])
            assert not found, f"{name} differs in {len(found)} keys, as of {AS_OF}:\n  {shown}"
            if name in EMPTY_ON_THE_SAMPLE:
                assert not on_duckdb, f"{name} has rows: take it off the list of empty marts"
            else:
                assert on_duckdb, f"{name} has no row on the sample, so comparing it says nothing"


@pytest.mark.parametrize(
    ("duckdb_rows", "postgres_rows", "told"),
    [
        ([("a", 1)], [("a", 1)], []),
        ([("a", 1), ("b", 2)], [("b", 2), ("a", 1)], []),
        ([("a", 1)], [("a", 2)], ["id = 'a': cents: 1 on DuckDB, 2 on PostgreSQL"]),
        ([("a", None)], [("a", 0)], ["id = 'a': cents: None on DuckDB, 0 on PostgreSQL"]),
        ([("a", 1)], [("a", True)], ["id = 'a': cents: 1 on DuckDB, True on PostgreSQL"]),
        ([("a", 1)], [], ["id = 'a': 1 rows only on DuckDB, 0 only on PostgreSQL"]),
        ([("a", 1)], [("a", 1), ("a", 1)], ["id = 'a': 0 rows only on DuckDB, 1 only on PostgreSQL"]),
    ],
)
def test_a_difference_is_seen_and_named(duckdb_rows, postgres_rows, told):
    assert differences(["id", "cents"], ["id"], duckdb_rows, postgres_rows) == told

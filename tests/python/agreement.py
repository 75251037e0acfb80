"""What it takes for two engines to agree: which marts there are, what names their rows, and how rows differ."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from warehouses import Warehouse

Row = tuple[Any, ...]

# Marts that the sample cannot fill, each with its reason. Empty is as it should be.
EMPTY_ON_THE_SAMPLE: dict[str, str] = {
    "closed_periods": "no month of it is closed; test_close compares it",
    "closed_exceptions": "no month of it is closed; test_close compares it",
    "period_changes": "no month of it is closed; test_close compares it",
    "exception_history": "nobody has resolved anything; test_resolutions compares it",
    "integration_setting_changes": "a change is what two runs saw differently, and the sample is built once",
    "misrouted_charges": "the sample's platforms bill as billing_routes says; test_seed_checks misroutes some",
}

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


def differences(
    columns: list[str], key: list[str], duckdb_rows: list[Row], other_rows: list[Row], other: str = "PostgreSQL"
) -> list[str]:
    """Say how two multisets of rows differ, a line for each key that differs. Empty where they are equal.

    Values are equal when they are the same Python value of the same type: 1 is not true, nor 1.0.
    """

    def typed(rows: list[Row]) -> Counter[tuple[Any, ...]]:
        return Counter(tuple((type(value).__name__, value) for value in row) for row in rows)

    on_duckdb, on_other = typed(duckdb_rows), typed(other_rows)
    places = [columns.index(column) for column in key]
    by_key: dict[tuple[Any, ...], tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
    for side, rows in enumerate((on_duckdb - on_other, on_other - on_duckdb)):
        for row in rows.elements():
            by_key[tuple(row[place] for place in places)][side].append(row)

    found = []
    for values, (left, right) in sorted(by_key.items(), key=str):
        named = ", ".join(f"{column} = {value!r}" for column, (_, value) in zip(key, values, strict=True))
        if len(left) == len(right) == 1:
            told = "; ".join(
                f"{column}: {here!r} on DuckDB, {there!r} on {other}"
                for column, (_, here), (_, there) in zip(columns, left[0], right[0], strict=True)
                if (type(here), here) != (type(there), there)
            )
        else:
            told = f"{len(left)} rows only on DuckDB, {len(right)} only on {other}"
        found.append(f"{named}: {told}")
    return found


def assert_same_mart(
    duckdb: Warehouse, other_warehouse: Warehouse, node: dict[str, Any], other: str = "PostgreSQL"
) -> list[Row]:
    """Fail unless DuckDB and another warehouse hold a mart alike, to types and order of columns. Return its rows."""
    columns, other_columns = columns_of(duckdb, node), columns_of(other_warehouse, node)
    assert columns == other_columns, f"{node['name']}: {columns} on DuckDB, {other_columns} on {other}"
    names = [name for name, _ in columns]
    rows = rows_of(duckdb, node, names)
    found = differences(names, primary_key_of(duckdb, node), rows, rows_of(other_warehouse, node, names), other)
    shown = "\n  ".join(found[:SHOWN])
    assert not found, f"{node['name']} differs in {len(found)} keys:\n  {shown}"
    return rows

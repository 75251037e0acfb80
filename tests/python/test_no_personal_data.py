"""Law 8: no personal data and no secret in any relation outside staging and the restricted schema.

The simulator marks all of it: names, phones, addresses and pins hold the canary.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from warehouses import Warehouse

from coco_warehouse.simulate.company import CANARY

# Staging shows raw tables as they are; the restricted schema is where personal data belongs.
OPEN_TO_PERSONAL_DATA = {"coco_staging", "coco_restricted"}
TEXT_TYPES = "('varchar', 'text', 'character varying', 'json', 'jsonb')"


def relations_with_canaries(warehouse: Warehouse) -> dict[str, list[str]]:
    """The built relations in which a text column holds a canary, with those columns, by schema."""
    texts: dict[tuple[str, str], list[str]] = {}
    for schema, relation, column in warehouse.rows(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema like 'coco!_%' escape '!' and table_schema <> 'coco_load'"
        f" and lower(data_type) in {TEXT_TYPES}"
    ):
        texts.setdefault((schema, relation), []).append(column)
    assert texts
    count = "count(case when cast({column} as text) like '%{canary}%' then 1 end)"
    found: dict[str, list[str]] = {}
    for (schema, relation), columns in texts.items():
        selected = ", ".join(count.format(column=f'"{column}"', canary=CANARY) for column in columns)
        [row] = warehouse.rows(f'select {selected} from "{schema}"."{relation}"')
        leaks = [column for column, count in zip(columns, row, strict=True) if count]
        if leaks:
            found.setdefault(schema, []).append(f"{relation}: {', '.join(leaks)}")
    return found


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_canaries_stay_where_they_belong(built_warehouse: Callable[[str], Warehouse], engine: str) -> None:
    found = relations_with_canaries(built_warehouse(engine))
    # The canaries are there to be found: without them the test would tell nothing.
    assert any(entry.startswith("order_consumers") for entry in found.get("coco_restricted", []))
    assert any("stg_order_api__order_documents" in entry for entry in found.get("coco_staging", []))
    assert {schema: entries for schema, entries in found.items() if schema not in OPEN_TO_PERSONAL_DATA} == {}

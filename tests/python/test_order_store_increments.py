"""An order is mapped to its store once, and stands as if all were mapped anew: after loads, by another store map."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from warehouses import PROJECT, Warehouse

from coco_warehouse.simulate import simulate

FIRST_LOAD = datetime(2026, 11, 1, tzinfo=UTC)


MARTS = ("orders", "order_promotion_funding")


def map_orders(warehouse: Warehouse, *arguments: str) -> list[tuple[Any, ...]]:
    """Run int_order_stores, the marts and what they read, the seeds as they are in the warehouse. Returns all rows."""
    warehouse.dbt(
        "run", "--select", *(f"+path:models/marts/orders/{mart}.sql" for mart in MARTS), *arguments
    ).assert_succeeded()
    tables = ["coco_intermediate.int_order_stores", *(f"coco_marts.{mart}" for mart in MARTS)]
    return [row for table in tables for row in sorted(warehouse.rows(f"select * from {table}"), key=repr)]


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_increments_are_as_a_full_refresh(
    engine: str, new_warehouse: Callable[[str], Warehouse], tmp_path: Path
) -> None:
    simulate(tmp_path, orders=200, seed=7, project_dir=PROJECT)
    files = sorted((tmp_path / "raw" / "order_documents").glob("*.ndjson"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    first, second = tmp_path / "first.ndjson", tmp_path / "second.ndjson"
    # Versions of one order fall into both.
    for path, part in ((first, lines[::2]), (second, lines[1::2])):
        path.write_text("\n".join(part) + "\n", encoding="utf-8")
    warehouse = new_warehouse(engine)
    warehouse.load(tmp_path / "raw" / "tables", first, loaded_at=FIRST_LOAD)
    warehouse.dbt("seed").assert_succeeded()
    held = map_orders(warehouse)

    warehouse.load(second, loaded_at=FIRST_LOAD + timedelta(hours=1))
    added = map_orders(warehouse)
    assert len(held) < len(added)
    assert added == map_orders(warehouse, "--full-refresh")

    # A store moves to a merchant and a zone, and another is not known any more.
    (moved, gone), (known, _) = (
        warehouse.rows(f"select {what} from coco_intermediate.int_order_stores where is_store_known")[0]
        for what in ("min(store_id), max(store_id)", "count(*), 1")
    )
    platform_store = "platform || ':' || platform_store_id"
    without_currency = (
        "select min(orders.store_id) from coco_marts.orders inner join coco_restricted.int_order_documents "
        "as documents on orders.document_id = documents.document_id where orders.is_store_known "
        f"and documents.platform_metadata_currency_code is null and orders.store_id not in ('{moved}', '{gone}')"
    )
    [(repriced,)] = warehouse.rows(without_currency)
    funder = "select min(funding_source) from coco_marts.order_promotion_funding where funded_by = 'merchant'"
    [(source,)] = warehouse.rows(funder)
    warehouse.execute(
        f"update coco_reference.store_map set time_zone = 'Asia/Tokyo' where {platform_store} = '{moved}'",
        f"update coco_reference.store_map set currency_code = 'NZD' where {platform_store} = '{repriced}'",
        f"delete from coco_reference.store_map where {platform_store} = '{gone}'",
        f"update coco_reference.funding_sources set funded_by = 'third_party' where funding_source = upper('{source}')",
    )
    changed = map_orders(warehouse)
    of_moved = f"select count(*) from coco_intermediate.int_order_stores where store_id = '{moved}'"
    assert warehouse.rows(f"{of_moved} and time_zone <> 'Asia/Tokyo'") == [(0,)]
    assert warehouse.rows(of_moved)[0][0] > 0
    assert warehouse.rows("select count(*) from coco_intermediate.int_order_stores where is_store_known")[0][0] < known
    of_repriced = f"select count(*) from coco_marts.orders where store_id = '{repriced}' and currency_code = 'NZD'"
    assert warehouse.rows(of_repriced)[0][0] > 0
    of_source = f"select distinct funded_by from coco_marts.order_promotion_funding where funding_source = '{source}'"
    assert warehouse.rows(of_source) == [("third_party",)]
    assert changed == map_orders(warehouse, "--full-refresh")

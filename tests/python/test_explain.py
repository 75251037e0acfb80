"""`coco explain` tells one order's story, and its figures are those of the marts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from warehouses import PROJECT, Warehouse, run_command

from coco_warehouse.marts import money


def explain(warehouse: Warehouse, order: str) -> str:
    printed = run_command(
        "coco", "explain", order, "--target", warehouse.target, "--profiles-dir", str(warehouse.folder),
        folder=PROJECT, **warehouse.environment,
    )  # fmt: skip
    return printed.stdout + printed.stderr


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_the_story_of_an_order(built_warehouse: Callable[[str], Warehouse], engine: str) -> None:
    warehouse = built_warehouse(engine)
    [(order, name, readable, variance)] = warehouse.rows(
        "select orders.order_id, orders.platform_order_id, orders.readable_order_number, reconciled.variance_cents"
        " from coco_marts.order_reconciliation as reconciled"
        " inner join coco_marts.orders as orders on reconciled.order_id = orders.order_id"
        " where reconciled.has_statement and reconciled.variance_cents <> 0 and orders.platform = 'ubereats'"
        " order by orders.order_id limit 1"
    )
    story = explain(warehouse, order)
    assert f"variance {money(variance)}" in story
    for file, number in warehouse.rows(
        f"select source_file_name, source_row_number from coco_marts.statement_lines where order_id = '{order}'"
    ):
        assert file in story
        assert str(number) in story
    for charge, cents in warehouse.rows(
        f"select charge_type, expected_cents from coco_marts.expected_charges where order_id = '{order}'"
    ):
        assert charge in story
        assert (money(cents) if cents is not None else "unknown") in story
    claims = warehouse.rows(
        "select claimed_cents, break_class_name from coco_marts.reconciliation_claims as claims"
        " inner join coco_reference.break_classes as classes on claims.break_class = classes.break_class"
        f" where order_id = '{order}'"
    )
    assert claims
    for cents, _ in claims:
        assert money(cents) in story
    # The other names that people know the order by lead to the same story.
    assert explain(warehouse, name) == story
    assert explain(warehouse, readable) == story or "is the name of" in explain(warehouse, readable)


def test_an_order_that_only_a_statement_knows(duckdb_warehouse: Warehouse) -> None:
    [(key,)] = duckdb_warehouse.rows(
        "select reconciliation_id from coco_marts.order_reconciliation where not has_order order by 1 limit 1"
    )
    story = explain(duckdb_warehouse, key)
    assert "What it should bring: nothing" in story
    assert "no document" in story


def test_a_name_that_nothing_bears(duckdb_warehouse: Warehouse) -> None:
    assert "No order nobody-ordered-this in target dev" in explain(duckdb_warehouse, "nobody-ordered-this")

"""What the models compute of the sample is what the simulator, by its own arithmetic, wrote down as the truth."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from warehouses import AS_OF, Warehouse


@pytest.fixture(scope="session")
def truth(sample: Path) -> dict[str, dict[str, Any]]:
    """The truth of each order, by order id."""
    lines = (sample / "truth" / "orders.ndjson").read_text(encoding="utf-8").splitlines()
    return {order["order_id"]: order for order in map(json.loads, lines)}


def orders_known(warehouse: Warehouse) -> set[str]:
    return {order for (order,) in warehouse.rows("select order_id from coco_marts.orders")}


def test_expected_charges_are_the_truth(duckdb_warehouse: Warehouse, truth: dict[str, dict[str, Any]]) -> None:
    found: dict[str, dict[str, int | None]] = defaultdict(dict)
    for order, charge, cents in duckdb_warehouse.rows(
        "select order_id, charge_type, expected_cents from coco_marts.expected_charges"
    ):
        found[order][charge] = cents
    # A document is only known from its receipt on; by then its order has the state that the truth ends with.
    final = {
        order
        for order, status in duckdb_warehouse.rows("select order_id, order_status from coco_marts.orders")
        if order in truth and truth[order]["status"] == status
    }
    assert len(final) > 200
    wrong = {}
    for order in final:
        unknown = truth[order]["unknown"]
        expected = {**truth[order]["expected"], **dict.fromkeys(unknown)}
        if {k: v for k, v in found[order].items()} != expected:
            wrong[order] = (expected, found[order])
    assert not wrong, f"{len(wrong)} orders differ (truth, found), such as {next(iter(wrong.items()))}"


def test_stated_charges_are_the_truth(duckdb_warehouse: Warehouse, truth: dict[str, dict[str, Any]]) -> None:
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for order, charge, cents in duckdb_warehouse.rows(
        "select order_id, charge_type, stated_cents from coco_marts.stated_charges where order_id is not null"
    ):
        found[order][charge] += cents
    known = orders_known(duckdb_warehouse)
    stated = {
        order: {charge: cents for charge, cents in content["stated"].items() if cents}
        for order, content in truth.items()
        if content["is_stated"] and order in known
    }
    assert len(stated) > 100
    wrong = {
        order: (charges, dict(found[order]))
        for order, charges in stated.items()
        if {charge: cents for charge, cents in found[order].items() if cents} != charges
    }
    assert not wrong, f"{len(wrong)} orders differ (truth, found), such as {next(iter(wrong.items()))}"


def test_due_dates_are_the_truth(duckdb_warehouse: Warehouse, truth: dict[str, dict[str, Any]]) -> None:
    rows = duckdb_warehouse.rows(
        "select order_id, due_date from coco_marts.order_reconciliation where order_id is not null"
    )
    compared = {order: due.isoformat() for order, due in rows if order in truth and due}
    assert len(compared) > 200
    assert compared == {order: truth[order]["due_date"] for order in compared}


def test_settlement_follows_the_day_looked_from(duckdb_warehouse: Warehouse) -> None:
    """Nothing that the pay cycle pays after the day looked from is settled by the cycle alone."""
    settled = duckdb_warehouse.rows(
        "select count(*), max(payout_date) from coco_marts.statement_lines"
        " where platform = 'grubhub' and settlement_state in ('settled', 'in_transit', 'deposited', 'carried_forward')"
    )
    count, latest = settled[0]
    assert count > 0
    assert latest.isoformat() <= AS_OF[:10]

"""A restated document is a new version of what is expected; one that changes nothing, or comes too late, is none."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from warehouses import Warehouse

Document = dict[str, Any]
Receipt = tuple[str, Document]


def finished_orders(sample: Path) -> Iterator[Document]:
    """Finished DoorDash orders that the platform delivers, without a discount, each once."""
    seen = set()
    for file in sorted((sample / "raw" / "order_documents").glob("orders-*.ndjson")):
        for line in file.open(encoding="utf-8"):
            document: Document = json.loads(json.loads(line)["body"])
            details = document.get("details", {})
            if (
                document["status"] == "finished"
                and details.get("source", "").startswith("doordash")
                and not details.get("isPickup")
                and not details.get("isMerchantDelivery")
                and not details.get("promotions")
                and document.get("rawPlatformFinancials")
                and document["id"] not in seen
            ):
                seen.add(document["id"])
                yield document


def changed(document: Document, hour: int, **changes: Any) -> Document:
    """A later version of a document, with other values at the top."""
    return {**copy.deepcopy(document), "updatedAt": f"2026-10-30T{hour:02d}:00:00.000Z", **changes}


def with_dearer_item(document: Document, cents: int) -> Document:
    document["details"]["items"][0]["price"]["total"] += cents
    return document


def with_merchant_total(document: Document, cents: int) -> Document:
    document["rawPlatformFinancials"]["totals"]["merchantTotal"] = cents
    return document


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_versions_of_what_is_expected(
    new_warehouse: Callable[[str], Warehouse], sample: Path, tmp_path: Path, engine: str
) -> None:
    orders = list(islice(finished_orders(sample), 7))
    restated, repeated, late, cancelled, new, of_items, of_nothing = orders
    items = {order["id"]: sum(item["price"]["total"] for item in order["details"]["items"]) for order in orders}
    receipts: list[Receipt] = [
        ("2026-10-30T01:30:00Z", changed(restated, 1)),
        ("2026-10-30T02:30:00Z", with_dearer_item(changed(restated, 2), 1000)),
        ("2026-10-30T03:30:00Z", with_dearer_item(changed(restated, 3), 1500)),
        # The same again, and only its time is another.
        ("2026-10-30T01:30:00Z", changed(repeated, 1)),
        ("2026-10-30T02:30:00Z", changed(repeated, 2)),
        # An older version that arrives after the newer one never stood.
        ("2026-10-30T02:30:00Z", changed(late, 2)),
        ("2026-10-30T03:30:00Z", with_dearer_item(changed(late, 1), 1000)),
        ("2026-10-30T01:30:00Z", changed(cancelled, 1)),
        (
            "2026-10-30T02:30:00Z",
            changed(
                cancelled,
                2,
                status="cancelled",
                cancellation={"by": "merchant", "reason": "closed", "at": "2026-10-30T02:00:00.000Z"},
            ),
        ),
        # Nothing is expected of a new order.
        ("2026-10-30T01:30:00Z", with_dearer_item(changed(new, 1, status="new"), 1000)),
        ("2026-10-30T02:30:00Z", changed(new, 2)),
        # What the platform says that the merchant receives is the items, and a sum that nothing explains.
        ("2026-10-30T02:30:00Z", with_merchant_total(changed(of_items, 2), items[of_items["id"]])),
        ("2026-10-30T02:30:00Z", with_merchant_total(changed(of_nothing, 2), items[of_nothing["id"]] + 123_457)),
    ]
    lines = [
        json.dumps({"received_at": at, "received_from": "webhook", "body": json.dumps(body)}) for at, body in receipts
    ]
    file = tmp_path / "orders.ndjson"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    warehouse = new_warehouse(engine)
    warehouse.load(file, loaded_at=datetime(2026, 10, 31, tzinfo=UTC))
    warehouse.create_empty_tables("config_rds_public")
    warehouse.dbt("seed").assert_succeeded()
    warehouse.dbt("run", "--select", "+expected_charge_versions", "+merchant_totals").assert_succeeded()
    warehouse.dbt(
        "test", "--select", "standing_versions_are_expected_charges expected_charge_versions"
    ).assert_succeeded()

    def versions(order: Document, charge_type: str) -> list[tuple[Any, ...]]:
        return warehouse.rows(
            "select version_number, expected_cents, change_cents, is_standing, extract(hour from known_from_at),"
            " extract(hour from known_to_at) from coco_marts.expected_charge_versions"
            f" where order_id = '{order['id']}' and charge_type = '{charge_type}' order by version_number"
        )

    sales = items[restated["id"]]
    assert versions(restated, "sales") == [
        (1, sales, None, False, 1, 2),
        (2, sales + 1000, 1000, False, 2, 3),
        (3, sales + 1500, 500, True, 3, None),
    ]
    [(_, first, *_), (_, second, *_), (_, third, *_)] = commission = versions(restated, "commission")
    assert [row[2] for row in commission] == [None, second - first, third - second]
    assert third < second < first < 0
    sales = items[repeated["id"]]
    assert versions(repeated, "sales") == [(1, sales, None, True, 1, None)]
    sales = items[late["id"]]
    assert versions(late, "sales") == [(1, sales, None, True, 2, None)]
    sales = items[cancelled["id"]]
    assert versions(cancelled, "sales") == [(1, sales, None, False, 1, 2), (2, 0, -sales, True, 2, None)]
    [(_, first, *_), gone] = versions(cancelled, "commission")
    assert first < 0
    assert gone == (2, 0, -first, True, 2, None)
    sales = items[new["id"]]
    assert versions(new, "sales") == [(1, sales, None, True, 2, None)]

    totals = dict(
        warehouse.rows(
            "select order_id, composition from coco_marts.merchant_totals"
            f" where order_id in ('{of_items['id']}', '{of_nothing['id']}')"
        )
    )
    # Of an order without a bag fee and with its tax withheld both are the same sum, and the likelier one is told.
    assert totals[of_items["id"]] in ("items", "expected_before_fees")
    assert totals[of_nothing["id"]] is None
    wrong = warehouse.rows(
        "select totals.order_id from coco_marts.merchant_totals as totals"
        " inner join (select order_id, sum(expected_cents) as expected_cents from coco_marts.expected_charges"
        " group by order_id) as expected on totals.order_id = expected.order_id"
        " where totals.difference_cents <> totals.merchant_total_cents - expected.expected_cents"
        f" or (totals.difference_cents = 0 and totals.order_id = '{of_nothing['id']}')"
    )
    assert not wrong

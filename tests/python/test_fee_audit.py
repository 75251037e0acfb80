"""The fee audit: hand-made orders charged at other terms than agreed, and what the simulator plants."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from warehouses import PROJECT, Warehouse

from coco_warehouse.simulate import simulate

FEE_MODELS = ["int_order_fees", "int_fee_candidates", "int_fitted_fees", "int_charged_fees", "fee_audit"]

# What the models read of each order, by table; the amounts are cents.
COLUMNS = {
    "int_order_fee_bases": {
        "order_id": "varchar(50)", "has_unknown": "boolean", "stated_base_cents": "bigint",
        "stated_processing_base_cents": "bigint", "items_cents": "bigint",
        "items_less_merchant_discount_cents": "bigint", "items_less_all_discounts_cents": "bigint",
        "items_plus_tax_cents": "bigint", "items_plus_tax_less_discount_cents": "bigint",
        "merchant_total_less_merchant_discount_cents": "bigint", "total_cents": "bigint",
        "pay_period_start_date": "date",
    },
    "int_expected_amounts": {
        "order_id": "varchar(50)", "fee_schedule_id": "varchar(50)", "store_id": "varchar(50)",
        "merchant_id": "varchar(50)", "platform": "varchar(50)", "currency_code": "varchar(3)",
        "commission_base": "varchar(50)", "commission_rate_bps": "bigint", "delivery_commission_rate_bps": "bigint",
        "processing_base": "varchar(50)", "processing_rate_bps": "bigint", "processing_fixed_cents": "bigint",
        "order_date": "date",
    },
    "int_order_components": {
        "order_id": "varchar(50)", "charge_type": "varchar(50)", "expected_cents": "bigint", "stated_cents": "bigint",
    },
}  # fmt: skip

# A Monday, on which pay periods start.
MONDAY = date(2026, 9, 14)
AMOUNTS = [1893, 2417, 3151, 4289, 1777, 5623, 2999, 3467]


def share(cents: int, rate_bps: int) -> int:
    """A rate's share of an amount, half away from zero."""
    return int((Decimal(cents * rate_bps) / 10000).quantize(Decimal(1), ROUND_HALF_UP))


class Books:
    """Orders of hand-made stores, each with what its sale was charged."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}

    def order(
        self,
        store: str,
        day: int,
        items: int,
        *,
        charged: int,
        charge_type: str = "commission",
        schedule: str = "a",
        rate: int = 2000,
        base: str = "items_less_merchant_discount",
        processing: tuple[str, int, int] = ("none", 0, 0),
        delivery_rate: int = 0,
        discount: int = 0,
    ) -> None:
        """An order so many days after MONDAY; `charged` is one fee in cents, the others are as agreed."""
        order = f"{store}-{len(self.rows['int_expected_amounts']):03d}"
        at = MONDAY + timedelta(days=day)
        period = at - timedelta(days=at.weekday())
        net, tax = items - discount, share(items, 900)
        agreed_base = {"items": items, "items_less_merchant_discount": net}[base]
        processing_base = {"none": 0, "receipts": items + tax}[processing[0]]
        agreed = {
            "commission": -share(agreed_base, rate),
            "delivery_commission": -share(items, delivery_rate),
            "processing_fee": -(share(processing_base, processing[1]) + processing[2]),
        }
        self.rows["int_order_fee_bases"].append(
            (order, False, agreed_base, processing_base, items, net, net, items + tax, net + tax, net + tax,
             items + tax, period)
        )  # fmt: skip
        self.rows["int_expected_amounts"].append(
            (order, schedule, store, "merchant", "doordash", "USD", base, rate, delivery_rate, *processing, at)
        )
        self.rows["int_order_components"] += [
            (order, name, cents, -charged if name == charge_type else cents) for name, cents in agreed.items()
        ]

    def audit(self, warehouse: Warehouse) -> list[dict[str, Any]]:
        """What fee_audit makes of the orders."""
        warehouse.execute("create schema if not exists coco_intermediate")
        for table, columns in COLUMNS.items():
            declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            values = ", ".join(f"({', '.join(map(literal, row))})" for row in self.rows[table])
            warehouse.execute(
                f"create table coco_intermediate.{table} ({declared})",
                f"insert into coco_intermediate.{table} values {values}",
            )
        warehouse.dbt("build", "--select", *FEE_MODELS).assert_succeeded()
        names = [
            "store_id", "fee_schedule_id", "charge_type", "fee_state", "charged_base", "charged_rate_bps",
            "charged_fixed_cents", "order_count", "agreed_order_count", "charged_order_count",
            "unexplained_order_count", "difference_cents", "pay_period_start_date", "changed_from_date",
        ]  # fmt: skip
        query = f"select {', '.join(names)} from coco_marts.fee_audit order by 1, 2, 3, pay_period_start_date"
        return [dict(zip(names, row, strict=True)) for row in warehouse.rows(query)]


def literal(value: object) -> str:
    if isinstance(value, str):
        return f"'{value}'"
    return f"date '{value}'" if isinstance(value, date) else str(value)


def of(rows: Iterable[dict[str, Any]], store: str, charge_type: str = "commission") -> list[dict[str, Any]]:
    return [row for row in rows if row["store_id"] == store and row["charge_type"] == charge_type]


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_hand_made_stores(new_warehouse: Callable[[str], Warehouse], engine: str) -> None:
    books = Books()
    for place, items in enumerate(AMOUNTS):
        # The schedule changes on Thursday, and the platform with it.
        rate, schedule = (2000, "a") if place < 3 else (2300, "b")
        books.order("as-agreed", place, items, charged=share(items, rate), rate=rate, schedule=schedule)
        # It changes on Thursday and the platform goes on at the old rate.
        books.order("too-late", place, items, charged=share(items, 2000), rate=rate, schedule=schedule)
        # From Wednesday on another rate, that is no round one, over the end of the pay period.
        books.order("raised", place + 2, items, charged=share(items, 2137 if place >= 2 else 2000))
        # The agreed rate, without the discount taken off its base.
        books.order("other-base", place // 2, items, charged=share(items, 2000), discount=100 + 37 * place)
        # Less than agreed, save one order that is as agreed and two that nothing explains.
        odd = {3: share(items, 2000), 5: share(items, 2000) + 57, 6: share(items, 2000) - 91}
        books.order("cheaper", place // 2, items, charged=odd.get(place, share(items, 1500)))
        # Three orders make no habit, nor with a fourth that is charged otherwise.
        charged = share(items, 2500 if place < 3 else 2000) + (111 if place == 3 else 0)
        books.order("three", place // 2, items, charged=charged)
        # The fixed part of a processing fee is raised, and a fee is taken that nobody agreed to.
        receipts = items + share(items, 900)
        books.order(
            "fixed", place // 2, items, charged=share(receipts, 290) + 35, charge_type="processing_fee",
            processing=("receipts", 290, 30),
        )  # fmt: skip
        books.order("not-agreed", place // 2, items, charged=share(items, 300), charge_type="delivery_commission")
    found = books.audit(new_warehouse(engine))
    monday, next_monday = MONDAY, MONDAY + timedelta(days=7)

    rows = of(found, "as-agreed")
    assert [row["fee_schedule_id"] for row in rows] == ["a", "b", "b"]
    assert {(row["fee_state"], row["difference_cents"], row["changed_from_date"]) for row in rows} == {
        ("as_agreed", 0, None)
    }

    before, *late = of(found, "too-late")
    assert before["fee_state"] == "as_agreed"
    assert {(row["fee_state"], row["charged_rate_bps"], row["changed_from_date"]) for row in late} == {
        ("another_rate", 2000, MONDAY + timedelta(days=3))
    }
    assert sum(row["difference_cents"] for row in late) == sum(
        share(items, 2300) - share(items, 2000) for items in AMOUNTS[3:]
    )

    first, second = of(found, "raised")
    assert (first["pay_period_start_date"], second["pay_period_start_date"]) == (monday, next_monday)
    assert (first["fee_state"], first["order_count"], first["agreed_order_count"]) == ("another_rate", 5, 2)
    assert second["fee_state"] == "another_rate"
    # The week of the change and the one after it both tell when it was: the third order, four days in.
    assert {row["changed_from_date"] for row in (first, second)} == {MONDAY + timedelta(days=4)}
    assert {row["charged_order_count"] for row in (first, second)} == {3}
    for row in (first, second):
        assert row["charged_rate_bps"] in range(2130, 2145)
        assert share(5623, row["charged_rate_bps"]) == share(5623, 2137)

    [row] = of(found, "other-base")
    assert (row["fee_state"], row["charged_base"], row["charged_rate_bps"]) == ("another_base", "items", 2000)
    assert row["difference_cents"] == -sum(
        share(items, 2000) - share(items - 100 - 37 * place, 2000) for place, items in enumerate(AMOUNTS)
    )

    [row] = of(found, "cheaper")
    assert (row["fee_state"], row["charged_rate_bps"]) == ("another_rate", 1500)
    counts = ("order_count", "agreed_order_count", "charged_order_count", "unexplained_order_count")
    assert [row[count] for count in counts] == [8, 1, 5, 2]
    assert row["difference_cents"] == 91 - 57 + sum(
        share(items, 2000) - share(items, 1500) for place, items in enumerate(AMOUNTS) if place not in (3, 5, 6)
    )

    [row] = of(found, "three")
    assert (row["fee_state"], row["charged_rate_bps"], row["unexplained_order_count"]) == ("single_orders", 2000, 4)
    assert row["changed_from_date"] is None

    [row] = of(found, "fixed", "processing_fee")
    assert (row["fee_state"], row["charged_rate_bps"], row["charged_fixed_cents"]) == ("another_fixed_fee", 290, 35)
    assert row["difference_cents"] == -5 * len(AMOUNTS)

    [row] = of(found, "not-agreed", "delivery_commission")
    assert (row["fee_state"], row["charged_base"], row["charged_rate_bps"]) == ("not_agreed", "items", 300)
    assert row["changed_from_date"] == monday


@pytest.mark.parametrize("shares", [{"commission_rate": 0.2}, {"commission_rate": 0.1, "commission_base": 0.05}])
def test_what_the_simulator_plants(
    new_warehouse: Callable[[str], Warehouse], tmp_path: Path, shares: dict[str, float]
) -> None:
    seed = secrets.randbelow(1_000_000)
    print(f"simulated with seed {seed} and faults {shares}")
    simulate(tmp_path / "sample", orders=1500, seed=seed, faults=shares, project_dir=PROJECT)
    warehouse = new_warehouse("duckdb")
    warehouse.load(tmp_path / "sample" / "raw", loaded_at=datetime(2026, 11, 1, tzinfo=UTC))
    variables = {"as_of": "2026-11-01 00:00:00"}
    warehouse.dbt("seed", variables=variables).assert_succeeded()
    selected = ["+fee_audit", "+reconciliation_claims", "expected_charges"]
    warehouse.dbt("run", "--select", *selected, variables=variables).assert_succeeded()
    warehouse.dbt("test", "--select", "fee_audit_ties_to_claims", variables=variables).assert_succeeded()

    planted: Counter[str] = Counter()
    weeks: Counter[tuple[str, str, date]] = Counter()
    known = {
        order: (store, schedule, day)
        for order, store, schedule, day in warehouse.rows(
            "select order_id, store_id, fee_schedule_id, pay_period_start_date from coco_intermediate.int_charged_fees"
            " where charge_type = 'commission'"
        )
    }
    for line in (tmp_path / "sample" / "truth" / "faults.ndjson").open(encoding="utf-8"):
        fault = json.loads(line)
        if fault["break_class"] in ("commission_rate", "commission_base") and fault["order_id"] in known:
            planted[known[fault["order_id"]][0]] += fault["cents"]
            if fault["break_class"] == "commission_rate":
                weeks[known[fault["order_id"]]] += 1
    assert planted
    found = warehouse.rows(
        "select store_id, sum(difference_cents) from coco_marts.fee_audit group by store_id"
        " having sum(difference_cents) <> 0"
    )
    assert {store: int(cents) for store, cents in found} == {store: cents for store, cents in planted.items() if cents}
    audited = {
        (store, schedule, day): (state, rate)
        for store, schedule, day, state, rate in warehouse.rows(
            "select store_id, fee_schedule_id, pay_period_start_date, fee_state, charged_rate_bps"
            " from coco_marts.fee_audit where charge_type = 'commission'"
        )
    }
    habits = {week for week, count in weeks.items() if count >= 4}
    assert {audited[week][0] for week in habits} <= {"another_rate"}
    # The planted rates are multiples of 50 basis points.
    assert {audited[week][1] % 50 for week in habits} <= {0}
    others = {week for week, (state, _) in audited.items() if state in ("another_rate", "another_rate_and_base")}
    assert others <= set(weeks)

"""Exceptions: the same ids from run to run, every cent once, days and deadlines as the seeds say."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from jinja2 import Environment
from resolving import Row, records
from warehouses import PROJECT, Warehouse

from coco_warehouse.aging import AGING_BUCKETS, aging_bucket

AS_OF_DATE = date(2026, 11, 1)
# By then every pay period of the sample is overdue.
LATER = date(2026, 12, 20)
# Classes of which something can be won back.
REVERSED = ("refund", "error_charge", "chargeback")
KEYS = ("subject_type", "subject_id", "break_class", "store_id", "currency_code")


def seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def exceptions(warehouse: Warehouse) -> list[Row]:
    names = (*KEYS, "exception_id", "order_id", "platform", "legal_entity", "status", "exception_cents", "open_cents")
    names += ("age_days", "aging_bucket", "is_recoverable", "posting_date", "first_seen_date", "due_date")
    names += ("dispute_deadline_date", "next_step", "statement_line_id", "payout_id", "won_back_cents")
    return records(warehouse, f"select {', '.join(names)} from coco_marts.reconciliation_exceptions", *names)


@pytest.fixture(scope="module")
def found(duckdb_warehouse: Warehouse) -> list[Row]:
    rows = exceptions(duckdb_warehouse)
    assert len(rows) > 50
    return rows


def test_an_id_follows_from_what_the_exception_is_on(found: list[Row]) -> None:
    for row in found:
        text = "|".join(str(row[key] or "") for key in KEYS)
        assert row["exception_id"] == hashlib.md5(text.encode()).hexdigest()
    assert len({row["exception_id"] for row in found}) == len(found)


def test_one_row_holds_all_claims_of_an_order_and_class(duckdb_warehouse: Warehouse, found: list[Row]) -> None:
    handling = {row["break_class"]: row["handling"] for row in seed("break_classes")}
    cents: Counter[tuple[Any, ...]] = Counter()
    won_back: Counter[tuple[Any, ...]] = Counter()
    claims = 0
    for order, line, break_class, *place, amount in duckdb_warehouse.rows(
        "select order_id, statement_line_id, break_class, store_id, currency_code, claimed_cents "
        "from coco_marts.reconciliation_claims"
    ):
        if break_class == "won_back":
            won_back[order, *place] += amount
        if handling[break_class] == "review":
            claims += 1
            cents["order" if order else "statement_line", order or line, break_class, *place] += amount
    # Of no order of the sample two classes were taken and one of them won back: what came back is of that one.
    for (order, *place), amount in won_back.items():
        [taken] = [("order", order, name, *place) for name in REVERSED if ("order", order, name, *place) in cents]
        cents[taken] += amount
    on_orders = {
        tuple(row[key] for key in KEYS): row["exception_cents"]
        for row in found
        if row["subject_type"] in ("order", "statement_line") and row["exception_cents"]
    }
    assert on_orders == {key: amount for key, amount in cents.items() if amount}
    assert claims > len(on_orders)


def test_what_was_won_back_lowers_what_was_taken(duckdb_warehouse: Warehouse, found: list[Row]) -> None:
    reversals = {
        (order, store, currency): cents
        for order, store, currency, cents in duckdb_warehouse.rows(
            "select order_id, store_id, currency_code, sum(claimed_cents) from coco_marts.reconciliation_claims "
            "where break_class = 'won_back' group by 1, 2, 3"
        )
    }
    taken = {
        (order, store, currency): -cents
        for order, store, currency, cents in duckdb_warehouse.rows(
            "select order_id, store_id, currency_code, sum(claimed_cents) from coco_marts.reconciliation_claims "
            f"where break_class in {REVERSED} group by 1, 2, 3"
        )
    }
    reversed_rows = [row for row in found if row["won_back_cents"]]
    assert reversed_rows
    queued = dict(duckdb_warehouse.rows("select exception_id, recoverable_cents from coco_marts.recoverable_queue"))
    lines = dict(duckdb_warehouse.rows("select statement_line_id, line_type from coco_marts.statement_lines"))
    for row in reversed_rows:
        key = (row["order_id"], row["store_id"], row["currency_code"])
        assert row["won_back_cents"] == reversals.pop(key)
        left = taken[key] - row["won_back_cents"]
        assert -row["open_cents"] == -row["exception_cents"] == queued.get(row["exception_id"], 0) == left
        assert row["status"] == ("open" if left else "resolved")
        # The evidence is the line that took it, and its days are those of that line.
        assert lines[row["statement_line_id"]] != "won_back"
    assert not reversals
    assert {row["break_class"] for row in reversed_rows} >= {"refund", "error_charge"}
    days = duckdb_warehouse.rows(
        "select exceptions.posting_date = min(items.posting_date) "
        "from coco_marts.reconciliation_exceptions as exceptions "
        "inner join coco_marts.exception_items as items on exceptions.exception_id = items.exception_id "
        "where exceptions.won_back_cents <> 0 and not items.is_won_back "
        "group by exceptions.exception_id, exceptions.posting_date"
    )
    assert days == [(True,)] * len(reversed_rows)


def test_a_class_that_is_accepted_makes_none(duckdb_warehouse: Warehouse, found: list[Row]) -> None:
    accepted = {row["break_class"] for row in seed("break_classes") if row["handling"] == "accept"}
    claimed = {name for (name,) in duckdb_warehouse.rows("select break_class from coco_marts.reconciliation_claims")}
    assert accepted & claimed
    assert not accepted & {row["break_class"] for row in found}


def test_deposits_make_exceptions_on_payouts_and_deposits(duckdb_warehouse: Warehouse, found: list[Row]) -> None:
    breaks: Counter[tuple[str, str]] = Counter()
    for name, currency, amount in duckdb_warehouse.rows(
        "select break_class, currency_code, break_cents from coco_marts.deposit_breaks"
    ):
        breaks[name, currency] += amount
    listed: Counter[tuple[str, str]] = Counter()
    for row in found:
        if row["subject_type"] in ("payout", "deposit"):
            listed[row["break_class"], row["currency_code"]] += row["exception_cents"]
            is_elsewhere = row["break_class"] == "wrong_account_deposit" and row["exception_cents"] > 0
            assert (row["subject_type"] == "payout") == (row["payout_id"] is not None and not is_elsewhere)
    assert breaks
    assert dict(listed) == dict(breaks)


def bucket(days: int) -> str:
    limits = [(0, "not_due"), (31, "0-30"), (61, "31-60"), (91, "61-90")]
    return next((name for limit, name in limits if days < limit), "over_90")


def test_age_is_counted_from_the_due_day(duckdb_warehouse: Warehouse, found: list[Row]) -> None:
    due = dict(duckdb_warehouse.rows("select order_id, due_date from coco_marts.order_reconciliation"))
    compared = 0
    for row in found:
        assert row["age_days"] == (AS_OF_DATE - row["due_date"]).days
        assert row["aging_bucket"] == bucket(row["age_days"])
        if row["break_class"] in ("missing_in_statement", "statement_not_loaded", "cancelled_unpaid"):
            compared += 1
            assert row["due_date"] == due[row["order_id"]]
            assert row["posting_date"] > row["due_date"]
    assert compared
    assert len({row["aging_bucket"] for row in found}) >= 3


def test_the_package_and_the_models_age_alike() -> None:
    macros = Environment().from_string((PROJECT / "macros" / "finance" / "aging.sql").read_text(encoding="utf-8"))
    text = str(macros.module.aging_bucket("days"))  # type: ignore[attr-defined]
    assert aging_bucket("days") == " ".join(text.split())
    assert tuple(re.findall("'([^']+)'", text)) == AGING_BUCKETS


def test_deadlines_are_those_of_the_seed(duckdb_warehouse: Warehouse, found: list[Row]) -> None:
    windows: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for window in seed("dispute_windows"):
        windows[window["break_class"]][window["platform"]] = window
    payouts = dict(
        duckdb_warehouse.rows(
            "select exception_id, min(payout_date) from coco_marts.exception_items where not is_won_back group by 1"
        )
    )
    of_platform = 0
    for row in found:
        by_platform = windows.get(row["break_class"], {})
        window = by_platform.get(row["platform"]) or by_platform.get("")
        if not row["is_recoverable"] or window is None:
            assert row["dispute_deadline_date"] is None
            continue
        of_platform += row["platform"] in by_platform
        day = {"event": row["posting_date"], "due": row["due_date"], "payout": payouts[row["exception_id"]]}
        start = day[window["counted_from"]]
        expected = start + timedelta(days=int(window["window_days"])) if start else None
        assert row["dispute_deadline_date"] == expected
    assert of_platform


def test_the_queue_holds_what_can_be_had_back_by_deadline(duckdb_warehouse: Warehouse, found: list[Row]) -> None:
    recoverable = {row["break_class"] for row in seed("break_classes") if row["is_recoverable"] == "true"}
    names = ("exception_id", "recoverable_cents", "dispute_deadline_date", "source_file_name", "source_row_number")
    names += ("expectation_rules", "statement_line_id", "break_class", "source_file_hash", "is_past_deadline")
    query = f"select {', '.join(names)} from coco_marts.recoverable_queue order by queue_rank"
    queue = records(duckdb_warehouse, query, *names)
    expected = {
        row["exception_id"]: -row["open_cents"]
        for row in found
        if row["break_class"] in recoverable and row["open_cents"] < 0
    }
    assert {row["exception_id"]: row["recoverable_cents"] for row in queue} == expected
    order = [(row["is_past_deadline"], row["dispute_deadline_date"] or date.max) for row in queue]
    assert order == sorted(order)
    assert {past for past, _ in order} == {False, True}
    for row in queue:
        assert row["is_past_deadline"] == ((row["dispute_deadline_date"] or date.max) < AS_OF_DATE)
    lines = dict(
        (line, source)
        for line, *source in duckdb_warehouse.rows(
            "select statement_line_id, source_file_name, source_file_hash, source_row_number "
            "from coco_marts.statement_lines"
        )
    )
    for row in queue:
        if row["statement_line_id"]:
            source = [row["source_file_name"], row["source_file_hash"], row["source_row_number"]]
            assert source == lines[row["statement_line_id"]]
        if row["break_class"] in ("missing_in_statement", "commission_rate", "commission_base"):
            assert row["expectation_rules"]
        # A line that takes what no sale holds was held against nothing, whatever its charges are called.
        if row["break_class"] in REVERSED:
            assert row["expectation_rules"] is None


def test_the_rollforward_is_made_of_the_items_of_each_month(duckdb_warehouse: Warehouse) -> None:
    first: dict[str, date] = {}
    items = duckdb_warehouse.rows(
        "select exception_id, currency_code, posting_date, is_won_back, item_cents from coco_marts.exception_items"
    )
    for exception, _, day, is_won_back, _ in items:
        if not is_won_back:
            first[exception] = min(first.get(exception, day), day)
    moves: Counter[tuple[str, str, str]] = Counter()
    for exception, currency, day, is_won_back, cents in items:
        kind = "new" if f"{day:%Y-%m}" == f"{first[exception]:%Y-%m}" else "remeasured"
        month = f"{min(day, AS_OF_DATE):%Y-%m}"
        moves[currency, month, "cleared" if is_won_back else kind] += -cents if is_won_back else cents
    assert any(kind == "cleared" for _, _, kind in moves)
    rolled: Counter[tuple[str, str, str]] = Counter()
    kinds = ("new", "remeasured", "cleared")
    query = f"select currency_code, period_month_date, {', '.join(f'{kind}_cents' for kind in kinds)}"
    for currency, month, *amounts in duckdb_warehouse.rows(f"{query} from coco_marts.reconciliation_rollforward"):
        for kind, cents in zip(kinds, amounts, strict=True):
            rolled[currency, f"{month:%Y-%m}", kind] += cents
    assert {key: cents for key, cents in rolled.items() if cents} == {
        key: cents for key, cents in moves.items() if cents
    }


def test_lines_that_are_never_paid_out_grow_overdue(built_copy: Callable[[str], Warehouse], found: list[Row]) -> None:
    warehouse = built_copy("duckdb")
    assert not [row for row in found if row["break_class"] == "overdue"]
    selected = ["+reconciliation_rollforward", "+recoverable_queue"]
    # What the orders hold does not depend on the day that they are looked at from.
    left_out = ["path:models/intermediate/orders", "path:models/marts/orders", "resource_type:unit_test"]
    later = {"as_of": f"{LATER} 12:00:00"}
    warehouse.dbt("build", "--select", *selected, "--exclude", *left_out, variables=later).assert_succeeded()
    overdue = {row["subject_id"]: row for row in exceptions(warehouse) if row["break_class"] == "overdue"}
    owed: Counter[str] = Counter()
    lines = warehouse.rows(
        "select store_id, pay_period_start_date, stated_cents from coco_marts.statement_lines "
        "where settlement_state = 'overdue' and payout_id is null"
    )
    for store, period, cents in lines:
        owed[f"{store}:{period}"] -= cents
    assert len(lines) > len(owed) > 1
    assert {key: row["exception_cents"] for key, row in overdue.items()} == {
        k: cents for k, cents in owed.items() if cents
    }
    grace = {row["platform"]: timedelta(days=int(row["grace_days"]) + 1) for row in seed("pay_cycles")}
    for row in overdue.values():
        assert row["subject_type"] == "pay_period"
        assert row["first_seen_date"] == row["posting_date"] == row["due_date"] + grace[row["platform"]]
        assert row["is_recoverable"] == (row["exception_cents"] < 0)
    # What was an exception before and still is has kept its id and its days.
    now = {row["exception_id"]: row for row in exceptions(warehouse)}
    kept = [row for row in found if row["exception_id"] in now]
    assert len(kept) > len(found) // 2
    for row in kept:
        same = now[row["exception_id"]]
        if same["exception_cents"] == row["exception_cents"]:
            assert (same["posting_date"], same["first_seen_date"]) == (row["posting_date"], row["first_seen_date"])

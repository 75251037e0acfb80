"""Every planted deposit fault is found under its class, to the cent, and nothing else is: on seeds no test fixes.

Payouts are what the simulator wrote down as their truth: net of the lines, what was carried in, what is due, and the
bank transactions that hold it.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from warehouses import PROJECT, Warehouse

from coco_warehouse.simulate import simulate

ORDERS = 1500
# The truth speaks as of the end of the sample.
SAMPLE_END = datetime(2026, 11, 1, tzinfo=UTC)
AS_OF = "2026-11-01 00:00:00"

JSON = dict[str, Any]

DEPOSIT_CLASSES = {
    "missing_deposit",
    "short_deposit",
    "over_deposit",
    "duplicate_deposit",
    "unexpected_deposit",
    "wrong_account_deposit",
}
# The bank of this account gives no ids: that there is a transaction is all that can be compared.
WITHOUT_IDS = "coco-finland-eur"
# Class, payout or store and day, transaction, account.
Break = tuple[str, str | None, str | None, str]


def lines(path: Path) -> list[JSON]:
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def transaction(account: str, transaction_id: str | None) -> str | None:
    return "without an id" if transaction_id and account == WITHOUT_IDS else transaction_id


def payout_name(payout_reference: str | None, platform: str, store: str, day: str) -> str:
    """What a payout is compared by: the platform's reference, or store and day where it gives none."""
    return payout_reference or f"{platform}:{store}:{day}"


def labelled(truth: Path) -> Counter[Break]:
    cents: Counter[Break] = Counter()
    for label in lines(truth / "faults.ndjson"):
        if label["break_class"] not in DEPOSIT_CLASSES:
            continue
        account = label["bank_account_id"]
        name = payout_name(label["payout_id"], label["platform"], label["platform_store_id"], label["payout_date"])
        payout = None if label["break_class"] == "unexpected_deposit" else name
        cents[label["break_class"], payout, transaction(account, label["bank_transaction_id"]), account] += label[
            "cents"
        ]
    return cents


def found_breaks(warehouse: Warehouse) -> Counter[Break]:
    cents: Counter[Break] = Counter()
    for break_class, reference, store, day, deposit, bank_transaction, account, amount in warehouse.rows(
        """
        select
            breaks.break_class, payouts.payout_reference, payouts.store_id, payouts.payout_date, breaks.deposit_id,
            coalesce(deposits.bank_transaction_id, breaks.deposit_id), breaks.bank_account_id, breaks.break_cents
        from coco_marts.deposit_breaks as breaks
        left join coco_marts.payouts as payouts on breaks.payout_id = payouts.payout_id
        left join coco_marts.deposits as deposits on breaks.deposit_id = deposits.deposit_id
        """
    ):
        payout = reference or (f"{store}:{day}" if store else None)
        cents[break_class, payout, transaction(account, bank_transaction) if deposit else None, account] += amount
    return cents


def found_payouts(warehouse: Warehouse) -> dict[str, tuple[Any, ...]]:
    return {
        reference or f"{store}:{day}": (str(day), *(int(cents) for cents in amounts), account)
        for reference, store, day, *amounts, account in warehouse.rows(
            "select payout_reference, store_id, payout_date, stated_cents, carry_in_cents, due_cents, bank_account_id"
            " from coco_marts.payouts"
        )
    }


def paying_transactions(warehouse: Warehouse) -> dict[str, set[str]]:
    """The transactions that pay each payout, at its own account or another; duplicates pay nothing."""
    found: dict[str, set[str]] = defaultdict(set)
    for reference, store, day, transaction_id in warehouse.rows(
        """
        select payouts.payout_reference, payouts.store_id, payouts.payout_date, deposits.bank_transaction_id
        from coco_marts.payout_deposits as links
        inner join coco_marts.payouts as payouts on links.payout_id = payouts.payout_id
        inner join coco_marts.deposits as deposits on links.deposit_id = deposits.deposit_id
        left join coco_marts.deposit_breaks as breaks
            on links.payout_id = breaks.payout_id
            and links.deposit_id = breaks.deposit_id
            and breaks.break_class = 'duplicate_deposit'
        where breaks.deposit_break_id is null and deposits.bank_transaction_id is not null
        """
    ):
        found[reference or f"{store}:{day}"].add(transaction_id)
    return found


def built(warehouse: Warehouse, raw: Path, replay: str) -> Warehouse:
    warehouse.load(raw, loaded_at=SAMPLE_END)
    selected = ["+deposit_breaks", "+payouts", "+deposits", "+payout_deposits"]
    run = warehouse.dbt("build", "--select", *selected, variables={"as_of": AS_OF})
    assert run.succeeded, f"{replay}\n{run.output}"
    return warehouse


@pytest.mark.parametrize("faults", [0.05, 0.3])
def test_every_deposit_fault_is_found_under_its_class(
    new_warehouse: Callable[[str], Warehouse], tmp_path: Path, faults: float
) -> None:
    seed = secrets.randbelow(2**32)
    replay = f"to replay: simulate(orders={ORDERS}, seed={seed}, faults={faults})"
    simulate(tmp_path / "sample", orders=ORDERS, seed=seed, faults=faults, project_dir=PROJECT)
    truth = tmp_path / "sample" / "truth"
    warehouse = built(new_warehouse("duckdb"), tmp_path / "sample" / "raw", replay)

    labels, breaks = labelled(truth), found_breaks(warehouse)
    classes = {break_class for break_class, *_ in labels}
    assert len(classes) >= (6 if faults > 0.1 else 3), f"planted: {classes}; {replay}"
    missed = {key: (cents, breaks.get(key)) for key, cents in labels.items() if breaks.get(key) != cents}
    invented = {key: (labels.get(key), cents) for key, cents in breaks.items() if labels.get(key) != cents}
    assert not missed, f"{len(missed)} labels are not found (truth, found): {missed}; {replay}"
    assert not invented, f"{len(invented)} breaks have no label (truth, found): {invented}; {replay}"

    # A statement that is not loaded is named as the cause of its deposit.
    unloaded = {
        label["bank_transaction_id"]
        for label in lines(truth / "faults.ndjson")
        if label["break_class"] == "unexpected_deposit" and label["caused_by"]
    }
    named = {
        transaction_id
        for (transaction_id,) in warehouse.rows(
            "select deposits.bank_transaction_id from coco_marts.deposit_breaks as breaks"
            " inner join coco_marts.deposits as deposits on breaks.deposit_id = deposits.deposit_id"
            " where breaks.caused_by = 'statement_not_loaded'"
        )
    }
    with_ids = {
        transaction_id
        for (transaction_id,) in warehouse.rows("select bank_transaction_id from coco_marts.deposits")
        if transaction_id
    }
    assert unloaded & with_ids <= named, replay

    payouts, paying = found_payouts(warehouse), paying_transactions(warehouse)
    expected = {
        payout_name(one["payout_id"], one["platform"], one["platform_store_id"], one["payout_date"]): one
        for one in lines(truth / "payouts.ndjson")
        if one["is_statement_loaded"]
    }
    assert payouts.keys() == expected.keys(), replay
    assert any(one["carry_in_cents"] < 0 for one in expected.values()), f"nothing carried; {replay}"
    wrong = {}
    for name, one in expected.items():
        wanted = (
            one["payout_date"],
            one["net_cents"],
            one["carry_in_cents"],
            one["due_cents"],
            one["bank_account_id"],
        )
        transactions = {one for one in one["bank_transaction_ids"] if one in with_ids}
        if payouts[name] != wanted or paying.get(name, set()) != transactions:
            wrong[name] = ((*wanted, transactions), (*payouts[name], paying.get(name, set())))
    assert not wrong, f"{len(wrong)} payouts differ (truth, found): {wrong}; {replay}"

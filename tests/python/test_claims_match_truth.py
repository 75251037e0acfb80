"""Every planted fault is claimed under its class, to the cent, and nothing else is: on seeds that no test fixes.

The simulator labels each departure with its class, order, charge type and cents; `reconciliation_claims` must say the
same. What bank and integrations are labelled with is not claimed here.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warehouses import PROJECT, Warehouse

from coco_warehouse.simulate import simulate

ORDERS = 2500
# The truth speaks as of the end of the sample.
SAMPLE_END = datetime(2026, 11, 1, tzinfo=UTC)
AS_OF = "2026-11-01 00:00:00"

Claim = tuple[str, str, str, str]

# Labels of deposits; those of integrations name an entity.
DEPOSIT_CLASSES = {
    "missing_deposit",
    "short_deposit",
    "over_deposit",
    "duplicate_deposit",
    "unexpected_deposit",
    "wrong_account_deposit",
}


def claim_key(break_class: str, order: str | None, platform: str, charge_type: str) -> Claim:
    """What claims and labels are compared by.

    Which of two candidates an ambiguous line is of, nobody can say; nor which of the platforms that share a payment
    rail a line is of that names no known order.
    """
    if order and break_class != "ambiguous":
        return break_class, order, platform, charge_type
    return break_class, "", "", charge_type


def labelled(truth: Path) -> Counter[Claim]:
    cents: Counter[Claim] = Counter()
    for line in truth.open(encoding="utf-8"):
        label = json.loads(line)
        if "entity" in label or label["break_class"] in DEPOSIT_CLASSES:
            continue
        key = claim_key(label["break_class"], label["order_id"], label["platform"], label["charge_type"])
        cents[key] += label["cents"]
    return cents


def claimed(warehouse: Warehouse, known_orders: set[str]) -> Counter[Claim]:
    cents: Counter[Claim] = Counter()
    for break_class, order, platform, charge_type, amount in warehouse.rows(
        "select break_class, order_id, platform, charge_type, claimed_cents from coco_marts.reconciliation_claims"
    ):
        named = order if order in known_orders else None
        cents[claim_key(break_class, named, platform, charge_type)] += amount
    return cents


def by_class(cents: Counter[Claim]) -> dict[str, Counter[Claim]]:
    classes: dict[str, Counter[Claim]] = {}
    for key, amount in cents.items():
        if amount:
            classes.setdefault(key[0], Counter())[key] = amount
    return classes


@pytest.mark.parametrize("faults", [0.05, 0.3])
def test_every_fault_is_claimed_under_its_class(
    new_warehouse: Callable[[str], Warehouse], tmp_path: Path, faults: float
) -> None:
    seed = secrets.randbelow(2**32)
    replay = f"to replay: simulate(orders={ORDERS}, seed={seed}, faults={faults})"
    simulate(tmp_path / "sample", orders=ORDERS, seed=seed, faults=faults, project_dir=PROJECT)
    warehouse = new_warehouse("duckdb")
    warehouse.load(tmp_path / "sample" / "raw", loaded_at=SAMPLE_END)
    selected = ["+reconciliation_claims", "+order_reconciliation"]
    run = warehouse.dbt("build", "--select", *selected, variables={"as_of": AS_OF})
    assert run.succeeded, f"{replay}\n{run.output}"

    truth = tmp_path / "sample" / "truth"
    known_orders = {json.loads(line)["order_id"] for line in (truth / "orders.ndjson").open(encoding="utf-8")}
    expected, found = by_class(labelled(truth / "faults.ndjson")), by_class(claimed(warehouse, known_orders))
    # What no payout holds yet is of weeks that are still to be paid, refunds of older orders among it.
    query = "select line_type, due_date from coco_marts.statement_lines where settlement_state = 'overdue'"
    assert warehouse.rows(query) == [], replay
    # With thousands of orders most classes are there; that few are would mean that nothing was planted.
    assert len(expected) >= 20, replay
    assert "unexplained" not in found, replay
    for break_class in sorted(expected.keys() | found.keys()):
        labels, claims = expected.get(break_class, Counter()), found.get(break_class, Counter())
        missed = {key: (cents, claims.get(key)) for key, cents in labels.items() if claims.get(key) != cents}
        invented = {key: (labels.get(key), cents) for key, cents in claims.items() if labels.get(key) != cents}
        assert not missed, f"{break_class}: {len(missed)} labels are not claimed (truth, found): {missed}; {replay}"
        assert not invented, f"{break_class}: {len(invented)} claims have no label (truth, found): {invented}; {replay}"


def test_a_fault_of_no_known_kind_is_unexplained(new_warehouse: Callable[[str], Warehouse], tmp_path: Path) -> None:
    seed = secrets.randbelow(2**32)
    simulate(tmp_path / "sample", orders=600, seed=seed, faults={"unexplained": 0.2}, project_dir=PROJECT)
    warehouse = new_warehouse("duckdb")
    warehouse.load(tmp_path / "sample" / "raw", loaded_at=SAMPLE_END)
    warehouse.dbt("build", "--select", "+reconciliation_claims", variables={"as_of": AS_OF}).assert_succeeded()
    truth = tmp_path / "sample" / "truth"
    known_orders = {json.loads(line)["order_id"] for line in (truth / "orders.ndjson").open(encoding="utf-8")}
    expected, found = by_class(labelled(truth / "faults.ndjson")), by_class(claimed(warehouse, known_orders))
    assert expected["unexplained"], f"seed {seed}"
    assert found["unexplained"] == expected["unexplained"], f"seed {seed}"

"""Faults on a sale line: what each class changes, and what it is labelled."""

from __future__ import annotations

from random import Random

from coco_warehouse.simulate.contract import Contract, FeeSchedule
from coco_warehouse.simulate.expected import base_cents
from coco_warehouse.simulate.money import share
from coco_warehouse.simulate.orders import Order
from coco_warehouse.simulate.statements.lines import Line

# The bases that docs/expected_ledger.md names, on which a commission can be taken.
_BASES = (
    "items",
    "items_less_merchant_discount",
    "items_plus_tax_less_discount",
    "merchant_total_less_merchant_discount",
)


def other_bases(order: Order, schedule: FeeSchedule) -> list[int]:
    """Commissions (positive cents) that the contract's rate gives on the known bases that are not the contract's."""
    expected = share(base_cents(order, schedule.commission_base), schedule.commission_bps)
    found = {share(base_cents(order, base), schedule.commission_bps) for base in _BASES}
    return sorted(cents for cents in found if abs(cents - expected) > 1)


def plant(
    name: str, order: Order, line: Line, contract: Contract, rng: Random, wrong_bps: int | None
) -> dict[str, int] | None:
    """Change a sale line as a class does.

    Args:
        name: the class.
        wrong_bps: for `commission_rate`, the rate that the platform used.

    Returns:
        The class's share of stated less expected, by charge type, without zeroes; None where it cannot stand on this
        order, which is then unchanged.
    """
    before = dict(line.charges)
    remainder = line.remainder
    schedule = contract.fee_schedule(order.store, order.fulfilment, order.commission_type, order.day)
    if name == "promotion_funding":
        is_merchant_share = contract.discount_presentation[order.store.platform] == "merchant_share"
        is_done = _promotion_funding(order, line, schedule, rng, is_merchant_share)
    elif name == "commission_rate":
        assert wrong_bps is not None
        is_done = _commission_rate(line, schedule, wrong_bps, order)
    elif name == "commission_base":
        candidates = other_bases(order, schedule)
        is_done = bool(candidates) and "commission" in before
        if is_done:
            line.charges["commission"] = -candidates[int(rng.random() * len(candidates))]
    elif name == "processing_fee":
        extra = (schedule.processing_fixed or 30) if rng.random() < 0.5 else 50 + int(rng.random() * 90)
        is_done = "processing_fee" in before
        if is_done:
            line.charges["processing_fee"] -= extra
    elif name == "tax_treatment":
        is_done = _tax_treatment(order, line, contract)
    elif name == "tip":
        is_done = before.get("tip", 0) > 3
        if is_done:
            line.charges["tip"] = 0 if rng.random() < 0.5 else before["tip"] // 2
    elif name == "tax_rounding":
        is_done = before.get("tax", 0) > 9
        if is_done:
            line.charges["tax"] += 1 if rng.random() < 0.5 else -1
    elif name == "rounding":
        cents = -before.get("commission", 0) + (1 if rng.random() < 0.5 else -1)
        is_done = before.get("commission", 0) < -9 and cents not in other_bases(order, schedule)
        if is_done:
            line.charges["commission"] = -cents
    elif name == "remainder":
        line.remainder += (7 + int(rng.random() * 243)) * (1 if rng.random() < 0.5 else -1)
        is_done = True
    elif name == "unexplained":
        charge = "sales" if "sales" in before else "receipts"
        line.charges[charge] = before[charge] - 37 - int(rng.random() * 160)
        is_done = True
    else:
        raise ValueError(f"{name} does not change a sale line")
    if not is_done:
        return None
    changes = {
        charge: line.charges.get(charge, 0) - before.get(charge, 0)
        for charge in (*before, *(charge for charge in line.charges if charge not in before))
    }
    changes["remainder"] = line.remainder - remainder
    changes = {charge: cents for charge, cents in changes.items() if cents}
    line.charges = {charge: cents for charge, cents in line.charges.items() if cents}
    return changes


def _promotion_funding(order: Order, line: Line, schedule: FeeSchedule, rng: Random, is_merchant_share: bool) -> bool:
    """The platform funds less than the splits say, or a larger discount is taken: either falls on the merchant."""
    if order.discount == 0 or order.is_funder_unknown:
        return False
    charges = line.charges
    platform_part = order.platform_discount
    if platform_part:
        moved = max(1, share(platform_part, (2500, 5000, 10_000)[int(rng.random() * 3)]))
        parts = (order.merchant_discount + moved, platform_part - moved, order.third_party_discount)
        charge, grown = ("discount", 0) if is_merchant_share else ("platform_funding", 0)
    else:
        moved = max(1, share(order.discount, 1000 + int(rng.random() * 2000)))
        parts = (order.merchant_discount + moved, platform_part, order.third_party_discount)
        charge, grown = "discount", moved
    charges[charge] = charges.get(charge, 0) - moved
    line.discount_parts = (-parts[0], -parts[1], -parts[2])
    if schedule.commission_base == "items_less_merchant_discount":
        base = base_cents(order, schedule.commission_base) - moved
        charges["commission"] = -share(base, schedule.commission_bps)
    if schedule.processing_base == "merchant_total_less_merchant_discount":
        base = base_cents(order, schedule.processing_base) - moved
    elif schedule.processing_base == "items_plus_tax_less_discount":
        base = base_cents(order, schedule.processing_base) - grown
    else:
        return True
    charges["processing_fee"] = -(share(base, schedule.processing_bps) + schedule.processing_fixed)
    return True


def _commission_rate(line: Line, schedule: FeeSchedule, wrong_bps: int, order: Order) -> bool:
    """Another rate on the base that the line used: a promotion fault on the line may have changed it before."""
    base = base_cents(order, schedule.commission_base)
    if schedule.commission_base == "items_less_merchant_discount":
        base = order.items_total + (line.discount_parts[0] if any(line.discount_parts) else -order.merchant_discount)
    charged = share(base, wrong_bps)
    if charged == -line.charges.get("commission", 0):
        return False
    line.charges["commission"] = -charged
    line.commission_bps = wrong_bps
    return True


def _tax_treatment(order: Order, line: Line, contract: Contract) -> bool:
    """Tax that is to be withheld is passed on, or the reverse."""
    if order.tax < 2:
        return False
    if contract.tax_presentation[order.store.platform] == "net":
        line.charges["tax"] = 0 if line.charges.get("tax") else order.tax
    else:
        line.charges["tax_withheld"] = 0 if line.charges.get("tax_withheld") else -order.tax
    return True

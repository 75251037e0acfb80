"""What an order should be paid, by the rules of docs/expected_ledger.md."""

from __future__ import annotations

from coco_warehouse.simulate.contract import Contract
from coco_warehouse.simulate.money import share
from coco_warehouse.simulate.orders import Order


def is_paid(order: Order, contract: Contract) -> bool | None:
    """Whether the order's status asks for payment; None where nothing is expected yet."""
    if order.status in ("new", "future"):
        return None
    if order.status == "rejected":
        return False
    if order.status == "cancelled":
        return contract.is_cancellation_paid[order.store.platform, order.cancelled_by]
    return True


def full_charges(order: Order, contract: Contract) -> dict[str, int]:
    """Signed cents by charge type of an order that is to be paid; charges of 0 cents are left out.

    A discount whose funder nothing names is taken as the merchant's: `unknown_charges` says which charges then
    have no expectation.
    """
    store = order.store
    schedule = contract.fee_schedule(store, order.fulfilment, order.commission_type, order.day)
    presentation = contract.tax_presentation[store.platform]
    charges: dict[str, int] = {}
    if presentation == "receipts":
        charges["receipts"] = order.total
    else:
        withheld = share(order.tax, contract.withheld_bps(store, order.day))
        charges["sales"] = order.items_total
        if presentation == "net":
            charges["tax"] = order.tax - withheld
        else:
            charges["tax"] = order.tax
            charges["tax_withheld"] = -withheld
        shown = contract.discount_presentation[store.platform]
        if shown == "merchant_share":
            charges["discount"] = -order.merchant_discount
        else:
            charges["discount"] = -order.discount
            if shown == "all_funders_together":
                charges["platform_funding"] = order.platform_discount + order.third_party_discount
            else:
                charges["platform_funding"] = order.platform_discount
                charges["third_party_funding"] = order.third_party_discount
        charges["commission"] = -share(base_cents(order, schedule.commission_base), schedule.commission_bps)
        charges["delivery_commission"] = -share(order.items_total, schedule.delivery_bps)
        if order.is_tip_merchants:
            charges["tip"] = order.tip
        if order.fulfilment == "self_delivery":
            charges["delivery_fee"] = order.delivery_fee
            charges["delivery_fee_tax"] = order.delivery_fee_tax
        charges["bag_fee"] = order.bag_fee
    if schedule.processing_base != "none":
        charges["processing_fee"] = -(
            share(base_cents(order, schedule.processing_base), schedule.processing_bps) + schedule.processing_fixed
        )
    return {name: cents for name, cents in charges.items() if cents}


def base_cents(order: Order, base: str) -> int:
    """The cents of a named base of docs/expected_ledger.md."""
    if base == "items":
        return order.items_total
    if base == "items_less_merchant_discount":
        return order.items_total - order.merchant_discount
    if base == "items_plus_tax_less_discount":
        return order.items_total + order.tax - order.discount
    if base == "merchant_total_less_merchant_discount":
        return merchant_total(order) - order.merchant_discount
    if base == "receipts":
        return order.total
    if base == "none":
        return 0
    raise ValueError(f"fee_schedules names the base {base}, which docs/expected_ledger.md does not")


def merchant_total(order: Order) -> int:
    """Items, tax and the tip and fees that are the merchant's."""
    total = order.items_total + order.tax + order.bag_fee
    if order.is_tip_merchants:
        total += order.tip
    if order.fulfilment == "self_delivery":
        total += order.delivery_fee + order.delivery_fee_tax
    return total


def unknown_charges(order: Order, contract: Contract) -> tuple[str, ...]:
    """Charges that nobody can expect, because nothing names who funds the discount."""
    presentation = contract.tax_presentation[order.store.platform]
    if not order.is_funder_unknown or presentation == "receipts":
        return ()
    schedule = contract.fee_schedule(order.store, order.fulfilment, order.commission_type, order.day)
    unknown = ["discount"]
    shown = contract.discount_presentation[order.store.platform]
    if shown != "merchant_share":
        unknown.append("platform_funding")
    if shown == "all_funders_apart":
        unknown.append("third_party_funding")
    if schedule.commission_base == "items_less_merchant_discount":
        unknown.append("commission")
    if schedule.processing_base in (
        "items_plus_tax_less_discount",
        "merchant_total_less_merchant_discount",
    ):
        unknown.append("processing_fee")
    return tuple(unknown)

"""What an order should be paid, by hand: each rule of docs/expected_ledger.md, and what moves it in time or place.

A product that ends in exactly half a cent is rounded away from zero, whichever sign it has.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cases import Answers, Case, Order, Outcome, Stage, case, cases_of, check, staged

LESS_DISCOUNT = {"commission_base": "items_less_merchant_discount"}


def expects(order: Order, **charges: int | None) -> Outcome:
    return Outcome(expected={order: charges})


def leaf(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """A change of one leaf of a document."""

    def change(document: dict[str, Any]) -> None:
        *parents, name = path.split(".")
        target = document
        for parent in parents:
            target = target[parent]
        target[name] = value

    return change


# Commission bases
@case()
def commission_of_items(stage: Stage) -> Outcome:
    # 15 % of 1,990 is 298.5; the merchant's discount of 100 does not lower it.
    store = stage.store(schedule={"commission_rate_bps": 1500, "commission_base": "items"})
    order = stage.order(store, items=[1000, 990], splits=[("MERCHANT", 100)])
    return expects(order, sales=1990, discount=-100, commission=-299)


@case()
def commission_of_items_less_the_merchants_discount(stage: Stage) -> Outcome:
    # 15 % of 2,000 - 130 is 280.5; the platform's 70 do not lower it.
    store = stage.store(schedule={"commission_rate_bps": 1500, **LESS_DISCOUNT})
    order = stage.order(store, splits=[("MERCHANT", 130), ("DOORDASH", 70)])
    return expects(order, sales=2000, discount=-200, platform_funding=70, commission=-281)


@case()
def commission_of_less_than_nothing(stage: Stage) -> Outcome:
    # 15 % of 100 - 110 is -1.5: the platform gives 2 cents back.
    store = stage.store(schedule={"commission_rate_bps": 1500, **LESS_DISCOUNT})
    order = stage.order(store, items=100, splits=[("MERCHANT", 110)])
    return expects(order, sales=100, discount=-110, commission=2)


@case()
def commission_just_below_half_a_cent(stage: Stage) -> Outcome:
    # 14.99 % of 1,990 is 298.301; 15 % of 1,989 is 298.35.
    store = stage.store(schedule={"commission_rate_bps": 1500, "commission_base": "items"})
    return expects(stage.order(store, items=1989), sales=1989, commission=-298)


@case()
def no_commission(stage: Stage) -> Outcome:
    store = stage.store(schedule={"commission_rate_bps": 1500, "commission_base": "none"})
    return expects(stage.order(store), sales=2000)


@case()
def delivery_commission_is_of_items(stage: Stage) -> Outcome:
    # Grubhub: 10 % of 1,995 is 199.5, 15 % 299.25. Only the merchant's discount is shown, and it lowers neither base.
    store = stage.store(
        "grubhub",
        schedule={"commission_rate_bps": 1500, "commission_base": "items", "delivery_commission_rate_bps": 1000},
    )
    order = stage.order(store, items=1995, splits=[("MERCHANT", 50), ("GRUBHUB", 60)])
    return expects(order, sales=1995, discount=-50, commission=-299, delivery_commission=-200)


# Processing bases
@case()
def processing_of_items_plus_tax_less_discount(stage: Stage) -> Outcome:
    # 2.5 % of 2,000 + 160 - 300 (all funders) is 46.5, and 30 cents.
    store = stage.store(
        schedule={"processing_rate_bps": 250, "processing_fixed_cents": 30,
                  "processing_base": "items_plus_tax_less_discount"},
    )  # fmt: skip
    order = stage.order(store, tax=160, splits=[("MERCHANT", 100), ("DOORDASH", 150), ("BRAND", 50)])
    return expects(
        order, sales=2000, discount=-300, platform_funding=150, third_party_funding=50, processing_fee=-(47 + 30)
    )


@case()
def processing_of_the_merchants_total(stage: Stage) -> Outcome:
    # Self-delivered at Grubhub: items 2,000, tax 160, tip 300, delivery 250, its tax 20, bag 10, less 60 funded by the
    # merchant: 2,680. 2.5 % is 67, and 30 cents. A platform's 40 lower nothing.
    store = stage.store(
        "grubhub",
        schedule={"fulfilment": "self_delivery", "processing_rate_bps": 250, "processing_fixed_cents": 30,
                  "processing_base": "merchant_total_less_merchant_discount"},
    )  # fmt: skip
    order = stage.order(
        store, tax=160, tip=300, delivery_fee=250, delivery_fee_tax=20, bag_fee=10, fulfilment="self_delivery",
        splits=[("RESTAURANT", 60), ("PLATFORM", 40)],
    )  # fmt: skip
    return expects(
        order, sales=2000, tax=160, tax_withheld=-160, tip=300, delivery_fee=250, delivery_fee_tax=20, bag_fee=10,
        discount=-60, processing_fee=-97,
    )  # fmt: skip


@case()
def processing_of_a_total_without_what_is_the_couriers(stage: Stage) -> Outcome:
    # Delivered by Grubhub, tip 300 and delivery fee 250 are not the merchant's: 2.5 % of 2,180 is 54.5, and 30 cents.
    store = stage.store(
        "grubhub",
        schedule={"processing_rate_bps": 250, "processing_fixed_cents": 30,
                  "processing_base": "merchant_total_less_merchant_discount"},
    )  # fmt: skip
    order = stage.order(store, items=2010, tax=160, tip=300, delivery_fee=250, delivery_fee_tax=20, bag_fee=10)
    return expects(order, sales=2010, tax=160, tax_withheld=-160, bag_fee=10, processing_fee=-85)


@case()
def processing_of_receipts(stage: Stage) -> Outcome:
    # 2.5 % of 2,000 + 160 + 300 is 61.5, and 30 cents.
    store = stage.store(
        "native",
        schedule={"processing_rate_bps": 250, "processing_fixed_cents": 30, "processing_base": "receipts"},
    )
    order = stage.order(store, tax=160, tip=300)
    return expects(order, receipts=2460, processing_fee=-(62 + 30))


@case()
def processing_of_less_than_nothing(stage: Stage) -> Outcome:
    # 2.5 % of 100 + 0 - 120 is -0.5: a cent back, less the fixed 30.
    store = stage.store(
        schedule={"processing_rate_bps": 250, "processing_fixed_cents": 30,
                  "processing_base": "items_plus_tax_less_discount"},
    )  # fmt: skip
    order = stage.order(store, items=100, splits=[("MERCHANT", 120)])
    return expects(order, sales=100, discount=-120, processing_fee=-(-1 + 30))


@case()
def a_fixed_fee_alone(stage: Stage) -> Outcome:
    store = stage.store(schedule={"processing_fixed_cents": 25, "processing_base": "items_plus_tax_less_discount"})
    return expects(stage.order(store), sales=2000, processing_fee=-25)


@case()
def no_processing_fee_whatever_is_fixed(stage: Stage) -> Outcome:
    store = stage.store(schedule={"processing_rate_bps": 250, "processing_fixed_cents": 30})
    return expects(stage.order(store), sales=2000)


# Tax: withheld, passed on and split, in reports that show the passed-on share alone (DoorDash) and both
def taxed(stage: Stage, platform: str, withheld_bps: int, stated_tax: int, /, **charges: int) -> Outcome:
    order = stage.order(stage.store(platform, schedule={}, withheld_bps=withheld_bps), tax=stated_tax)
    return expects(order, sales=2000, **charges)


@case()
def tax_withheld_not_shown(stage: Stage) -> Outcome:
    return taxed(stage, "doordash", 10_000, 165)


@case()
def tax_passed_on_not_withheld(stage: Stage) -> Outcome:
    return taxed(stage, "doordash", 0, 165, tax=165)


@case()
def tax_split_shown_net(stage: Stage) -> Outcome:
    # 50 % of 165 is 82.5: 83 are withheld, 82 passed on.
    return taxed(stage, "doordash", 5000, 165, tax=82)


@case()
def tax_withheld_and_shown(stage: Stage) -> Outcome:
    return taxed(stage, "grubhub", 10_000, 165, tax=165, tax_withheld=-165)


@case()
def tax_passed_on_and_shown(stage: Stage) -> Outcome:
    return taxed(stage, "ubereats", 0, 165, tax=165)


@case()
def tax_split_and_shown(stage: Stage) -> Outcome:
    # 30 % of 165 is 49.5.
    return taxed(stage, "ubereats", 3000, 165, tax=165, tax_withheld=-50)


@case()
def tax_taken_back_split(stage: Stage) -> Outcome:
    # 50 % of -165 is -82.5: away from zero, as for 165.
    return taxed(stage, "ubereats", 5000, -165, tax=-165, tax_withheld=83)


@case()
def the_tax_that_the_document_names_first(stage: Stage) -> Outcome:
    def change(document: dict[str, Any]) -> None:
        document["rawPlatformFinancials"]["taxes"] = {"total": 300, "sales": 200, "merchantSalesTotal": None}

    order = stage.order(stage.store("ubereats", schedule={}, withheld_bps=0), tax=100, change=change)
    return expects(order, sales=2000, tax=200)


@case()
def a_merchants_sales_tax_of_nothing_is_there(stage: Stage) -> Outcome:
    change = leaf("rawPlatformFinancials.taxes.merchantSalesTotal", 0)
    order = stage.order(stage.store("ubereats", schedule={}, withheld_bps=0), tax=100, change=change)
    return expects(order, sales=2000)


# Fulfilment: whose tips and delivery fees are
def fulfilled(stage: Stage, fulfilment: str) -> Order:
    store = stage.store("ubereats", schedule={"fulfilment": fulfilment})
    return stage.order(store, tip=300, delivery_fee=250, delivery_fee_tax=20, bag_fee=10, fulfilment=fulfilment)


@case()
def delivered_by_the_platform(stage: Stage) -> Outcome:
    return expects(fulfilled(stage, "platform_delivery"), sales=2000, bag_fee=10)


@case()
def delivered_by_the_merchant(stage: Stage) -> Outcome:
    return expects(
        fulfilled(stage, "self_delivery"), sales=2000, tip=300, delivery_fee=250, delivery_fee_tax=20, bag_fee=10
    )


@case()
def picked_up(stage: Stage) -> Outcome:
    return expects(fulfilled(stage, "pickup"), sales=2000, tip=300, bag_fee=10)


@case()
def picked_up_whoever_would_deliver(stage: Stage) -> Outcome:
    store = stage.store(schedule={"fulfilment": "pickup", "commission_rate_bps": 1000, "commission_base": "items"})
    order = stage.order(store, fulfilment="pickup", change=leaf("details.isMerchantDelivery", True))
    return expects(order, sales=2000, commission=-200)


@case()
def a_tip_that_the_platform_restates(stage: Stage) -> Outcome:
    # rawPlatformFinancials.tip.amount goes before details.tip.
    store = stage.store("grubhub", schedule={"fulfilment": "pickup"})
    order = stage.order(store, tip=300, fulfilment="pickup", change=leaf("rawPlatformFinancials.tip.amount", 250))
    return expects(order, sales=2000, tip=250)


# Discounts, by platform and funder
def discounted(stage: Stage, platform: str, **terms: Any) -> Order:
    store = stage.store(platform, schedule={"commission_rate_bps": 1000, **LESS_DISCOUNT})
    return stage.order(store, **terms)


ALL_FUNDERS = [("STORE", 100), ("DOORDASH", 60), ("THIRD_PARTY", 45)]


@case()
def three_funders_apart(stage: Stage) -> Outcome:
    order = discounted(stage, "doordash", splits=ALL_FUNDERS)
    return expects(order, sales=2000, discount=-205, platform_funding=60, third_party_funding=45, commission=-190)


@case()
def three_funders_together(stage: Stage) -> Outcome:
    order = discounted(stage, "ubereats", splits=ALL_FUNDERS)
    return expects(order, sales=2000, discount=-205, platform_funding=105, commission=-190)


@case()
def three_funders_of_whom_the_merchant_is_shown(stage: Stage) -> Outcome:
    order = discounted(stage, "grubhub", splits=ALL_FUNDERS)
    return expects(order, sales=2000, discount=-100, commission=-190)


@case()
def a_promotion_without_splits(stage: Stage) -> Outcome:
    def change(document: dict[str, Any]) -> None:
        promotions = document["rawPlatformFinancials"]["promotions"]
        promotions["platformPromotions"][0]["fundingSplits"] = None

    order = discounted(stage, "doordash", splits=[("MERCHANT", 205)], funder="PLATFORM", change=change)
    return expects(order, sales=2000, discount=-205, platform_funding=205, commission=-200)


@case()
def a_discount_in_sum_with_a_funder(stage: Stage) -> Outcome:
    order = discounted(stage, "doordash", discount=205, funder="uber")
    return expects(order, sales=2000, discount=-205, platform_funding=205, commission=-200)


@case()
def a_discount_of_no_funder(stage: Stage) -> Outcome:
    order = discounted(stage, "doordash", discount=205)
    return expects(order, sales=2000, discount=None, platform_funding=None, third_party_funding=None, commission=None)


@case()
def a_split_of_an_unknown_funder(stage: Stage) -> Outcome:
    order = discounted(stage, "ubereats", splits=[("MERCHANT", 100), ("SOMEBODY", 1)])
    return expects(order, sales=2000, discount=None, platform_funding=None, commission=None)


@case()
def a_discount_of_nothing_needs_no_funder(stage: Stage) -> Outcome:
    return expects(discounted(stage, "doordash", discount=0), sales=2000, commission=-200)


@case()
def a_discount_of_the_previous_schema(stage: Stage) -> Outcome:
    order = discounted(stage, "doordash", discount=205, funder="MERCHANT", has_financials=False)
    return expects(order, sales=2000, discount=None, platform_funding=None, third_party_funding=None, commission=None)


@case()
def a_share_as_the_discount_of_the_previous_schema(stage: Stage) -> Outcome:
    # Of which amount it is a share the document does not say.
    store = stage.store("doordash")
    share = leaf("details.promotions", [{"name": "a tenth", "discountPercentage": 10}])
    order = stage.order(store, has_financials=False, change=share)
    return expects(order, sales=2000, discount=None, platform_funding=None, third_party_funding=None, commission=None)


@case()
def an_order_of_the_previous_schema(stage: Stage) -> Outcome:
    # Tax, tip and delivery fee are those of details.
    store = stage.store("grubhub", schedule={"fulfilment": "self_delivery"})
    order = stage.order(store, tax=160, tip=300, delivery_fee=250, fulfilment="self_delivery", has_financials=False)
    return expects(order, sales=2000, tax=160, tax_withheld=-160, tip=300, delivery_fee=250)


# Which orders bring anything
@case()
def orders_by_their_status(stage: Stage) -> Outcome:
    store = stage.store(schedule={})
    paid, unpaid = {"sales": 2000}, {"sales": 0}
    not_yet: dict[str, int] = {}
    statuses = {"ready": paid, "finished": paid, "new": not_yet, "future": not_yet, "rejected": unpaid}
    return Outcome(expected={stage.order(store, status=status): charges for status, charges in statuses.items()})


@case()
def cancellations_by_platform_and_side(stage: Stage) -> Outcome:
    paid: dict[str, int | None] = {"sales": 2000}
    unpaid: dict[str, int | None] = {"sales": 0}
    rules = {
        "doordash": {"platform": paid, "system": paid, "merchant": unpaid},
        "ubereats": {"platform": paid, "system": paid, "merchant": unpaid},
        "grubhub": {"platform": unpaid, "system": unpaid, "merchant": unpaid},
        "native": {"platform": unpaid, "system": unpaid, "merchant": unpaid},
    }
    expected = {}
    for platform, sides in rules.items():
        store = stage.store(platform, schedule={})
        for side, charges in sides.items():
            expected[stage.order(store, cancelled_by=side)] = charges
        expected[stage.order(store, cancelled_by="courier")] = {"sales": None}
    return Outcome(expected=expected)


# Receipts
@case()
def receipts_are_the_whole_total(stage: Stage) -> Outcome:
    # Items 2,000, tax 160, tip 300, delivery fee 250, less a discount of 205: nothing of it is shown apart.
    for_olo = stage.order(
        stage.store("olo", schedule={}), tax=160, tip=300, delivery_fee=250, splits=[("MERCHANT", 205)]
    )
    for_lunchbox = stage.order(stage.store("lunchbox", schedule={}), tax=160, discount=205)
    return Outcome(expected={for_olo: {"receipts": 2505}, for_lunchbox: {"receipts": 1955}})


# Terms
@case()
def a_stores_own_schedule_goes_first(stage: Stage) -> Outcome:
    # The contract of every DoorDash store takes 20 %.
    own = stage.order(stage.store(schedule={"commission_rate_bps": 1250, **LESS_DISCOUNT}))
    every = stage.order(stage.store())
    return Outcome(expected={own: {"sales": 2000, "commission": -250}, every: {"sales": 2000, "commission": -400}})


@case()
def a_commission_type_that_no_schedule_has(stage: Stage) -> Outcome:
    order = stage.order(stage.store(), commission_type="caviar")
    return expects(order, sales=2000, commission=None, delivery_commission=None, processing_fee=None)


@case()
def a_commission_type_by_itself(stage: Stage) -> Outcome:
    store = stage.store(schedule={"commission_rate_bps": 1000, **LESS_DISCOUNT})
    stage.schedule(store, commission_type="dashpass", commission_rate_bps=1700, **LESS_DISCOUNT)
    dashpass, unnamed = stage.order(store, commission_type=" DashPass"), stage.order(store, commission_type=None)
    return Outcome(
        expected={dashpass: {"sales": 2000, "commission": -340}, unnamed: {"sales": 2000, "commission": -200}}
    )


@case()
def a_schedule_that_changes_in_mid_week(stage: Stage) -> Outcome:
    # 15 % up to Wednesday the 16th, 17 % from Thursday on; each order at the rate of its own day is right.
    store = stage.store()
    stage.schedule(store, end="2026-09-16", commission_rate_bps=1500, **LESS_DISCOUNT)
    stage.schedule(store, start="2026-09-17", commission_rate_bps=1700, **LESS_DISCOUNT)
    before = stage.order(store, local=datetime(2026, 9, 16, 23, 59, 59))
    after = stage.order(store, local=datetime(2026, 9, 17, 0, 0, 0))
    stage.line(before, sales=2000, commission=-300)
    stage.line(after, sales=2000, commission=-340)
    return Outcome(
        claims={},
        expected={before: {"sales": 2000, "commission": -300}, after: {"sales": 2000, "commission": -340}},
    )


@case()
def a_treatment_of_tax_that_changes_in_mid_week(stage: Stage) -> Outcome:
    store = stage.store(schedule={})
    stage.treatment(store, 0, end="2026-09-16")
    stage.treatment(store, 10_000, start="2026-09-17")
    before = stage.order(store, tax=165, local=datetime(2026, 9, 16, 12, 0))
    after = stage.order(store, tax=165, local=datetime(2026, 9, 17, 12, 0))
    return Outcome(expected={before: {"sales": 2000, "tax": 165}, after: {"sales": 2000}})


# The local date decides
def on_two_days(stage: Stage, zone: str, changed_on: str, first: datetime, second: datetime) -> Outcome:
    """Two moments (UTC) on either side of the local midnight that a schedule changes on: 15 %, then 17 %."""
    store = stage.store(time_zone=zone)
    last_day = (datetime.fromisoformat(changed_on) - timedelta(days=1)).date().isoformat()
    stage.schedule(store, end=last_day, commission_rate_bps=1500, **LESS_DISCOUNT)
    stage.schedule(store, start=changed_on, commission_rate_bps=1700, **LESS_DISCOUNT)
    before, after = stage.order(store, utc=first), stage.order(store, utc=second)
    return Outcome(expected={before: {"sales": 2000, "commission": -300}, after: {"sales": 2000, "commission": -340}})


@case()
def midnight_in_los_angeles(stage: Stage) -> Outcome:
    # Seven hours behind UTC in September.
    return on_two_days(
        stage, "America/Los_Angeles", "2026-09-17", datetime(2026, 9, 17, 6, 59, 59), datetime(2026, 9, 17, 7, 0)
    )


@case()
def midnight_in_helsinki(stage: Stage) -> Outcome:
    # Three hours ahead of UTC in September.
    return on_two_days(
        stage, "Europe/Helsinki", "2026-09-17", datetime(2026, 9, 16, 20, 59, 59), datetime(2026, 9, 16, 21, 0)
    )


@case()
def midnight_before_clocks_go_forward(stage: Stage) -> Outcome:
    # New York, 8 March: still five hours behind UTC at midnight, four hours at the next.
    return on_two_days(
        stage, "America/New_York", "2026-03-08", datetime(2026, 3, 8, 4, 59, 59), datetime(2026, 3, 8, 5, 0)
    )


@case()
def midnight_after_clocks_went_forward(stage: Stage) -> Outcome:
    return on_two_days(
        stage, "America/New_York", "2026-03-09", datetime(2026, 3, 9, 3, 59, 59), datetime(2026, 3, 9, 4, 0)
    )


@case()
def midnight_after_clocks_went_back(stage: Stage) -> Outcome:
    # Helsinki, 25 October: three hours ahead of UTC at its first midnight, two at the next.
    return on_two_days(
        stage, "Europe/Helsinki", "2026-10-26", datetime(2026, 10, 25, 21, 59, 59), datetime(2026, 10, 25, 22, 0)
    )


@case()
def a_rate_that_is_recorded_late(stage: Stage) -> Outcome:
    # Nobody ended the row before: the one that was recorded later goes before it from its first day on.
    store = stage.store()
    stage.schedule(store, commission_rate_bps=1500, **LESS_DISCOUNT)
    stage.schedule(store, start="2026-09-17", recorded_on="2026-10-12", commission_rate_bps=1700, **LESS_DISCOUNT)
    before = stage.order(store, local=datetime(2026, 9, 16, 23, 0))
    after = stage.order(store, local=datetime(2026, 9, 17, 1, 0))
    return Outcome(expected={before: {"sales": 2000, "commission": -300}, after: {"sales": 2000, "commission": -340}})


@case()
def a_rate_that_is_not_yet_recorded(stage: Stage) -> Outcome:
    store = stage.store()
    stage.schedule(store, commission_rate_bps=1500, **LESS_DISCOUNT)
    stage.schedule(store, start="2026-09-17", recorded_on="2026-11-02", commission_rate_bps=1700, **LESS_DISCOUNT)
    order = stage.order(store, local=datetime(2026, 9, 18, 12, 0))
    return Outcome(expected={order: {"sales": 2000, "commission": -300}})


@case()
def a_sale_over_midnight_that_ends_its_week(stage: Stage) -> Outcome:
    # 03:30 UTC on Monday is 23:30 on Sunday in New York: the order is of the week before, as its line is.
    store = stage.store()
    order = stage.order(store, utc=datetime(2026, 9, 21, 3, 30))
    stage.line(order, sales=2000, commission=-400)
    assert order.local == datetime(2026, 9, 20, 23, 30)
    return Outcome(claims={}, expected={order: {"sales": 2000, "commission": -400}})


@case()
def a_sale_in_the_hour_that_comes_twice(stage: Stage) -> Outcome:
    # 01:30 in New York twice on 1 November 2026, before and after clocks go back.
    store = stage.store()
    return Outcome(
        expected={
            stage.order(store, utc=moment): {"sales": 2000, "commission": -400}
            for moment in (datetime(2026, 11, 1, 5, 30), datetime(2026, 11, 1, 6, 30))
        }
    )


# Stores and merchants
@case()
def a_refund_months_after_its_sale(stage: Stage) -> Outcome:
    store = stage.store()
    order = stage.order(store, local=datetime(2026, 2, 10, 12, 0))
    stage.line(order, sales=2000, commission=-400)
    stage.line(order, "error_charge", on=datetime(2026, 9, 30, 12, 0), error_charge=-500)
    return Outcome(claims={"error_charge error_charge": -500})


@case()
def a_store_that_changes_merchant_in_mid_period(stage: Stage) -> Outcome:
    store = stage.store(merchant="merchant-before")
    stage.map_store(store, merchant="merchant-before", end="2026-09-16")
    stage.map_store(store, merchant="merchant-after", start="2026-09-17")
    before = stage.order(store, local=datetime(2026, 9, 16, 23, 0))
    after = stage.order(store, local=datetime(2026, 9, 17, 1, 0))
    stage.line(before, sales=2000, commission=-400)
    stage.line(after, sales=2000, commission=-400)
    return Outcome(claims={})


@case()
def a_store_whose_new_merchant_is_recorded_late(stage: Stage) -> Outcome:
    store = stage.store(merchant="merchant-known-before")
    stage.map_store(store, merchant="merchant-found-later", start="2026-09-17", recorded="2026-10-12")
    before = stage.order(store, local=datetime(2026, 9, 16, 23, 0))
    after = stage.order(store, local=datetime(2026, 9, 17, 1, 0))
    stage.line(before, sales=2000, commission=-400)
    stage.line(after, sales=2000, commission=-400)
    return Outcome(claims={})


@case()
def a_store_that_changes_name_in_mid_period(stage: Stage) -> Outcome:
    # The report names stores by name alone: by the former name up to Wednesday, by the present one after it.
    store = stage.store(name="Case renamed")
    stage.alias(store, "Case named before", "2020-01-01", "2026-09-16")
    for day, name in ((16, "Case named before"), (17, "Case renamed")):
        order = stage.order(store, local=datetime(2026, 9, day, 12, 0))
        stage.line(order, cells={"Store ID": "NULL", "Store name": name}, sales=2000, commission=-400)
    return Outcome(claims={})


@case()
def several_stores_of_a_merchant(stage: Stage) -> Outcome:
    first = stage.store(merchant="merchant-of-two")
    second = stage.store(merchant="merchant-of-two", name="Second store")
    for store in (first, second):
        stage.line(stage.order(store), sales=2000, commission=-400)
    stage.line(second, "fee", text="Tablet fee", processing_fee=-600)
    return Outcome(claims={"equipment equipment at Second store": -600})


@case()
def two_currencies_of_a_merchant(stage: Stage) -> Outcome:
    for currency, zone in (("USD", "America/New_York"), ("CAD", "America/Toronto")):
        store = stage.store(merchant="merchant-of-two-currencies", currency=currency, time_zone=zone)
        stage.line(stage.order(store), sales=2000, commission=-400)
    return Outcome(claims={})


@pytest.mark.parametrize("each", cases_of(__name__), ids=lambda each: each.name.split(".")[1])
def test_a_case_is_expected_as_it_should_be(case_answers: Answers, each: Case) -> None:
    check(each, case_answers)


def by_merchant(answers: Answers, *merchants: str) -> list[tuple[Any, ...]]:
    named = ", ".join(f"'{merchant}'" for merchant in merchants)
    return answers.warehouse.rows(
        "select merchant_id, currency_code, cast(pay_period_start_date as varchar), order_count, expected_cents,"
        f" stated_cents, variance_cents from coco_marts.merchant_reconciliation where merchant_id in ({named})"
        " order by merchant_id, currency_code, pay_period_start_date"
    )


def test_each_merchant_has_the_days_that_were_its_own(case_answers: Answers) -> None:
    assert by_merchant(case_answers, "merchant-before", "merchant-after") == [
        ("merchant-after", "USD", "2026-09-14", 1, 1600, 1600, 0),
        ("merchant-before", "USD", "2026-09-14", 1, 1600, 1600, 0),
    ]


def test_a_merchant_that_is_recorded_late_has_the_days_since_it_came(case_answers: Answers) -> None:
    assert by_merchant(case_answers, "merchant-known-before", "merchant-found-later") == [
        ("merchant-found-later", "USD", "2026-09-14", 1, 1600, 1600, 0),
        ("merchant-known-before", "USD", "2026-09-14", 1, 1600, 1600, 0),
    ]


def test_stores_of_a_merchant_are_added_and_currencies_are_not(case_answers: Answers) -> None:
    assert by_merchant(case_answers, "merchant-of-two", "merchant-of-two-currencies") == [
        ("merchant-of-two", "USD", "2026-09-14", 2, 3200, 2600, -600),
        ("merchant-of-two-currencies", "CAD", "2026-09-14", 1, 1600, 1600, 0),
        ("merchant-of-two-currencies", "USD", "2026-09-14", 1, 1600, 1600, 0),
    ]


def rows_at(answers: Answers, name: str, query: str) -> list[tuple[Any, ...]]:
    stores = ", ".join(f"'{store.store_id}'" for store in staged()[1][f"{__name__}.{name}"][0].stores)
    return answers.warehouse.rows(query.format(stores=stores))


def test_a_refund_posts_in_its_own_month_and_belongs_to_its_sale(case_answers: Answers) -> None:
    found = rows_at(
        case_answers, "a_refund_months_after_its_sale",
        "select source_line_type, cast(posting_date as varchar), order_id is not null from coco_marts.statement_lines"
        " where store_id in ({stores}) order by posting_date",
    )  # fmt: skip
    assert found == [("Order", "2026-02-10", True), ("Error Charge", "2026-09-30", True)]


def test_a_sale_over_midnight_is_of_the_week_of_its_local_day(case_answers: Answers) -> None:
    found = rows_at(
        case_answers, "a_sale_over_midnight_that_ends_its_week",
        "select cast(order_date as varchar), cast(pay_period_start_date as varchar), variance_cents"
        " from coco_marts.order_reconciliation where store_id in ({stores})",
    )  # fmt: skip
    assert found == [("2026-09-20", "2026-09-14", 0)]


def test_both_hours_that_come_twice_are_of_one_day(case_answers: Answers) -> None:
    found = rows_at(
        case_answers, "a_sale_in_the_hour_that_comes_twice",
        "select cast(order_date as varchar) from coco_marts.order_reconciliation where store_id in ({stores})",
    )  # fmt: skip
    assert found == [("2026-11-01",), ("2026-11-01",)]

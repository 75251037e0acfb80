"""Order documents in both schema versions, and the versions of them that a receiver logs."""

from __future__ import annotations

from random import Random

import orjson

from coco_warehouse.simulate.clock import HOUR, MINUTE, instant_text
from coco_warehouse.simulate.company import CANARY, People, brand_of, internal_store_id
from coco_warehouse.simulate.contract import Contract
from coco_warehouse.simulate.expected import full_charges, is_paid
from coco_warehouse.simulate.orders import Order, OrderMaker

_SOURCE_VERSIONS = ("1.13.1", "1.14.0", "2.0.3")
_REASONS = {
    "platform": ("Courier not available", f"{CANARY}Consumer asked to cancel"),
    "merchant": ("Item out of stock", "Store closed early"),
    "system": ("Order timed out",),
}


class Version:
    """One received version: arrival instant, where from, and the document's text."""

    __slots__ = ("body", "received", "received_from")

    def __init__(self, received: int, received_from: str, body: bytes) -> None:
        self.received = received
        self.received_from = received_from
        self.body = body

    def text(self) -> bytes:
        """The line that the receiver logged."""
        return orjson.dumps(
            {
                "received_at": instant_text(self.received),
                "received_from": self.received_from,
                "body": self.body.decode(),
            }
        )


class DocumentMaker:
    """Writes the documents of one store's orders.

    `end` is the last instant that is known: a version that would come later is not written.
    """

    def __init__(self, contract: Contract, people: People, end: int) -> None:
        self._contract = contract
        self._people = people
        self._end = end

    def versions(self, order: Order, rng: Random) -> list[Version]:
        """All received versions of an order in the order of their making; sets `order.status` to the last known."""
        random = rng.random
        steps = self._steps(order, rng)
        details, store_part = self._details(order, rng)
        financials = self._financials(order, rng) if order.has_financials else None
        created = order.placed + 400 + int(random() * 1000)
        head = {"id": order.document_id, "createdAt": instant_text(created)}
        versions: list[Version] = []
        is_restated = order.tip > 0 and random() < 0.04 and len(steps) > 1
        known = ""
        for index, (status, updated, delivery_status) in enumerate(steps):
            if index == 0 and updated + 3000 > self._end:
                status, updated, delivery_status = "new", order.placed + 1500, None
            received = updated + 150 + int(random() * 2500)
            received_from = "webhook"
            if random() < 0.02:
                late = received + int(random() * 50 * HOUR)
                if late < self._end:
                    received, received_from = late, "backfill"
            if received > self._end and index:
                break
            document: dict[str, object] = {"id": head["id"], "status": status}
            if delivery_status is not None:
                document["deliveryStatus"] = delivery_status
            document["createdAt"] = head["createdAt"]
            document["updatedAt"] = instant_text(updated)
            if status == "cancelled":
                document["cancellation"] = {
                    "by": order.cancelled_by,
                    "reason": _REASONS[order.cancelled_by][int(random() * len(_REASONS[order.cancelled_by]))],
                    "at": instant_text(updated - 300),
                }
            document["store"] = store_part
            if is_restated and index == 0:
                # The tip came after the first version: every figure that holds it was lower then.
                tip, order.tip = order.tip, 0
                OrderMaker.sum_up(order)
                document["details"] = details | {"tip": 0, "total": order.total}
                if financials is not None:
                    document["rawPlatformFinancials"] = self._without_tip(order, financials)
                order.tip = tip
                OrderMaker.sum_up(order)
            else:
                document["details"] = details
                if financials is not None:
                    document["rawPlatformFinancials"] = financials
            body = orjson.dumps(document)
            known = status
            versions.append(Version(received, received_from, body))
            if random() < 0.03:
                again = received + int(random() * 90 * MINUTE)
                if again < self._end:
                    versions.append(Version(again, "webhook" if random() < 0.6 else "poll", body))
        order.status = known
        return versions

    def _steps(self, order: Order, rng: Random) -> list[tuple[str, int, str | None]]:
        random = rng.random
        placed = order.placed
        accepted = placed + 2000 + int(random() * 3 * MINUTE)
        with_courier = order.fulfilment != "pickup"
        if order.status == "rejected":
            return [("new", placed + 1500, None), ("rejected", accepted, None)]
        if order.status == "cancelled":
            cancelled = accepted + int(random() * 25 * MINUTE)
            steps = [("new", placed + 1500, None)] if random() < 0.8 else []
            return [*steps, ("cancelled", cancelled, "CANCELED" if with_courier else None)]
        ready = accepted + int((5 + random() * 20) * MINUTE)
        finished = ready + int((5 + random() * 40) * MINUTE)
        drawn = random()
        last = ("finished", finished, "COMPLETED" if with_courier else None)
        if drawn < 0.25:
            return [("ready", ready, "ASSIGNED" if with_courier else None)] if drawn < 0.04 else [last]
        if drawn < 0.6:
            return [("new", placed + 1500, None), last]
        middle = ("ready", ready, "EN_ROUTE_TO_STORE_LOCATION" if with_courier else None)
        if drawn < 0.64:
            return [("future", placed + 1500, None), ("new", accepted, None), last]
        return [("new", placed + 1500, None), middle, last]

    def _details(self, order: Order, rng: Random) -> tuple[dict[str, object], dict[str, object]]:
        random = rng.random
        people = self._people
        store = order.store
        name = store.on(order.day).store_name
        store_part: dict[str, object] = {"id": internal_store_id_of(order), "externalId": store.partner_code}
        if random() < 0.95:
            store_part["location"] = name
        if random() < 0.95:
            store_part["brand"] = brand_of(name)
        store_part["platform"] = store.platform
        is_group = random() < 0.03
        consumers = people.consumers if order.has_financials else people.previous_consumers
        details: dict[str, object] = {
            "externalId": order.external_id,
            "externalReadableOrderNum": order.readable,
        }
        if not order.has_financials or random() < 0.6:
            details["source"] = f"{store.platform}@{_SOURCE_VERSIONS[int(random() * 3)]}"
        details["placedAt"] = instant_text(order.placed)
        if random() < 0.9:
            details["estimatedPickupAt"] = instant_text(order.placed + int((15 + random() * 30) * MINUTE))
        details["isPickup"] = order.fulfilment == "pickup"
        details["consumer"] = consumers[int(random() * 240)]
        details["consumers"] = people.groups[int(random() * 60)] if is_group else []
        details["isGroupOrder"] = is_group
        details["note"] = "Include napkins and utensils" if random() < 0.2 else ""
        details["deliveryNote"] = "Leave it at the door" if random() < 0.2 else ""
        details["isMerchantDelivery"] = order.fulfilment == "self_delivery"
        if order.fulfilment != "pickup":
            details["deliveryAddress"] = people.addresses[int(random() * 120)]
            if order.fulfilment == "platform_delivery" and random() < 0.5:
                details["courier"] = people.couriers[int(random() * 120)]
        details["total"] = order.total
        details["subtotal"] = order.items_total
        details["tax"] = order.tax + order.delivery_fee_tax
        details["tip"] = order.tip
        details["deliveryFee"] = order.delivery_fee
        if random() < 0.6:
            details["utensils"] = random() < 0.5
        details["items"] = [line.fragment for line in order.lines]
        if order.promotions:
            shown = []
            for promotion in order.promotions:
                entry: dict[str, object] = {
                    "name": promotion.name,
                    "discountValue": promotion.value or promotion.delivery_cents,
                }
                if promotion.percentage is not None:
                    entry["discountPercentage"] = promotion.percentage
                shown.append(entry)
            details["promotions"] = shown
        elif random() < 0.5:
            details["promotions"] = []
        return details, store_part

    def _financials(self, order: Order, rng: Random) -> dict[str, object]:
        random = rng.random
        store = order.store
        currency = order.currency_override or store.currency
        merchant_total = None
        if random() < 0.6 and not order.is_funder_unknown:
            paid = is_paid(order, self._contract)
            if paid:
                merchant_total = sum(full_charges(order, self._contract).values())
        total_tax = order.tax + order.delivery_fee_tax
        has_tax_parts = random() < 0.85 or order.delivery_fee_tax > 0
        withheld_bps = self._contract.withheld_bps(store, order.day)
        withheld = (order.tax * withheld_bps + 5000) // 10_000
        delivery_promotion = 0
        for promotion in order.promotions:
            delivery_promotion += promotion.delivery_cents
        discount = order.discount
        fees_total = order.delivery_fee + order.bag_fee + order.small_order + order.pick_and_pack
        financials: dict[str, object] = {
            "totals": {
                "subtotal": order.items_total,
                "total": order.total,
                "grandTotal": order.total if random() < 0.8 else None,
                "merchantTotal": merchant_total,
                "dinerGrandTotal": order.total if store.platform == "grubhub" else None,
                "adjustedGrandTotal": None,
                "subtotalBeforeCoupons": order.items_total + delivery_promotion if random() < 0.7 else None,
            },
            "taxes": {
                "total": total_tax,
                "sales": order.tax if has_tax_parts else None,
                "delivery": order.delivery_fee_tax if has_tax_parts else None,
                "restaurant": order.tax if has_tax_parts else None,
                "merchantTotal": total_tax if has_tax_parts else None,
                "merchantSalesTotal": order.tax if has_tax_parts and random() < 0.9 else None,
                "taxSource": "platform" if random() < 0.8 else None,
            },
        }
        if random() < 0.94:
            platform_part = [{"amount": withheld, "currencyCode": currency}] if withheld else None
            restaurant = order.tax - withheld
            financials["taxRemittance"] = {
                "isTaxRemittedByPlatform": withheld > 0,
                "taxRemittedByPlatform": withheld if withheld or random() < 0.5 else None,
                "platformTaxRemittance": platform_part,
                "restaurantTaxRemittance": ([{"amount": restaurant, "currencyCode": currency}] if restaurant else None),
                "courierTaxRemittance": None,
                "eaterTaxRemittance": [] if random() < 0.1 else None,
            }
        else:
            financials["taxRemittance"] = None
        if order.tip or random() < 0.5:
            financials["tip"] = {
                "amount": order.tip,
                "type": "PREPAID" if order.tip else None,
            }
        else:
            financials["tip"] = None
        if fees_total or random() < 0.6:
            financials["fees"] = {
                "total": fees_total,
                "delivery": order.delivery_fee if order.delivery_fee or random() < 0.8 else None,
                "deliveryTax": order.delivery_fee_tax,
                "smallOrder": order.small_order or None,
                "smallOrderTax": None,
                "totalFeeTax": order.delivery_fee_tax,
                "bagFee": order.bag_fee or None,
                "pickAndPackFee": order.pick_and_pack or None,
            }
        else:
            financials["fees"] = None
        financials["payments"] = self._payments(order, rng) if random() < 0.92 else None
        financials["promotions"] = self._promotions(order, rng)
        needs_metadata = (
            order.commission_type != "regular" or order.funding_word is not None or order.currency_override is not None
        )
        if needs_metadata or random() < 0.95:
            financials["platformMetadata"] = {
                "commissionType": (
                    order.commission_type if order.commission_type != "regular" or random() < 0.8 else None
                ),
                "isDemandGen": random() < 0.05 if random() < 0.9 else None,
                "subtotalForTax": order.items_total - discount,
                "subtotalDiscountFundingSource": order.funding_word,
                "storeOrderCartId": f"cart-{order.readable}" if random() < 0.6 else None,
                "taxWithheld": withheld > 0,
                "restaurantSubtotal": order.items_total,
                "currencyCode": currency if order.currency_override or random() < 0.95 else None,
            }
        else:
            financials["platformMetadata"] = None
        return financials

    @staticmethod
    def _payments(order: Order, rng: Random) -> dict[str, object]:
        random = rng.random
        kind = "CASH" if random() < 0.01 else "CREDIT_CARD"
        if order.total > 2000 and random() < 0.05:
            first = order.total // 2
            methods = [
                {"paymentType": "GIFT_CARD", "amount": first, "taxApplication": None, "paymentSource": "DINER"},
                {
                    "paymentType": kind,
                    "amount": order.total - first,
                    "taxApplication": "POST_TAX",
                    "paymentSource": "DINER",
                },
            ]
        else:
            methods = [
                {
                    "paymentType": kind,
                    "amount": order.total,
                    "taxApplication": "POST_TAX",
                    "paymentSource": "DINER",
                }
            ]
        return {
            "total": order.total,
            "adjustedTotal": order.total if random() < 0.5 else None,
            "paymentMethods": methods,
        }

    @staticmethod
    def _promotions(order: Order, rng: Random) -> dict[str, object] | None:
        if not order.promotions:
            if rng.random() < 0.6:
                return None
            return {
                "appliedDiscounts": [] if rng.random() < 0.2 else None,
                "loyaltyRewards": None,
                "coupons": None,
                "platformPromotions": None,
                "totalPromoApplied": 0,
                "subtotalPromoApplied": 0,
                "taxPromoApplied": None,
            }
        applied: list[dict[str, object]] = []
        coupons: list[dict[str, object]] = []
        platform: list[dict[str, object]] = []
        loyalty: dict[str, object] | None = None
        delivery_cents = 0
        for promotion in order.promotions:
            delivery_cents += promotion.delivery_cents
            if promotion.kind == "applied":
                applied.append(
                    {
                        "discountAmount": promotion.value + promotion.delivery_cents,
                        "promoId": f"promo-{promotion.value}",
                        "promoCode": "SAVE" if rng.random() < 0.3 else None,
                        "externalCampaignId": None,
                    }
                )
            elif promotion.kind == "coupon":
                coupons.append({"text": promotion.name, "amount": promotion.value})
            elif promotion.kind == "loyalty":
                loyalty = {
                    "rewards": [{"member": f"{CANARY}Consumer", "name": promotion.name, "points": promotion.value}],
                    "rewardsTotal": promotion.value,
                }
            else:
                platform.append(
                    {
                        "promoType": promotion.promo_type,
                        "promotionUuid": f"{promotion.promo_type.lower()}-{promotion.value}",
                        "externalPromotionId": None,
                        "promoDiscountValue": promotion.value,
                        "promoDiscountPercentage": promotion.percentage,
                        "promoDeliveryFeeValue": promotion.delivery_cents or None,
                        "discountItems": (
                            [
                                {
                                    "externalId": order.lines[0].item_id,
                                    "discountedQuantity": order.lines[0].quantity,
                                }
                            ]
                            if promotion.value
                            else None
                        ),
                        "fundingSplits": [
                            {"fundingSource": word, "amountPaid": cents} for _, word, cents in promotion.splits
                        ]
                        or None,
                    }
                )
        return {
            "appliedDiscounts": applied or None,
            "loyaltyRewards": loyalty,
            "coupons": coupons or None,
            "platformPromotions": platform or None,
            "totalPromoApplied": order.discount + delivery_cents,
            "subtotalPromoApplied": order.discount,
            "taxPromoApplied": 0,
        }

    def _without_tip(self, order: Order, financials: dict[str, object]) -> dict[str, object]:
        totals = dict(_object(financials["totals"]))
        for name in ("total", "grandTotal", "dinerGrandTotal"):
            if totals[name] is not None:
                totals[name] = order.total
        if totals["merchantTotal"] is not None:
            totals["merchantTotal"] = sum(full_charges(order, self._contract).values())
        changed: dict[str, object] = financials | {"totals": totals, "tip": {"amount": 0, "type": None}}
        if financials["payments"] is not None:
            changed["payments"] = {
                "total": order.total,
                "adjustedTotal": None,
                "paymentMethods": [
                    {
                        "paymentType": "CREDIT_CARD",
                        "amount": order.total,
                        "taxApplication": "POST_TAX",
                        "paymentSource": "DINER",
                    }
                ],
            }
        return changed


_internal_ids: dict[tuple[str, str], str] = {}


def internal_store_id_of(order: Order) -> str:
    """The Order API's id of the order's store."""
    key = (order.store.platform, order.store.store_id)
    found = _internal_ids.get(key)
    if found is None:
        found = _internal_ids[key] = internal_store_id(order.store)
    return found


def _object(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value

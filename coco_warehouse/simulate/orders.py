"""Orders: what was bought, when, and who funds what. Every figure of a document or a statement derives from here."""

from __future__ import annotations

from random import Random

from coco_warehouse.simulate.clock import DAY, HOUR, Zone
from coco_warehouse.simulate.company import MenuLine
from coco_warehouse.simulate.contract import Contract, Store
from coco_warehouse.simulate.money import share
from coco_warehouse.simulate.randomness import uuid_text


class Promotion:
    """One promotion: `kind` says which array of the document holds it; splits are (funder, source word, cents)."""

    __slots__ = ("delivery_cents", "kind", "name", "percentage", "promo_type", "splits", "value")

    def __init__(
        self,
        kind: str,
        name: str,
        value: int,
        splits: list[tuple[str, str, int]],
        promo_type: str = "FLATOFF",
        percentage: int | None = None,
        delivery_cents: int = 0,
    ) -> None:
        self.kind = kind
        self.name = name
        self.value = value
        self.splits = splits
        self.promo_type = promo_type
        self.percentage = percentage
        self.delivery_cents = delivery_cents


class Order:
    """One order. Money is integer cents; `placed` is an instant, `local` the store's clock then, `day` its date."""

    __slots__ = (
        "bag_fee", "cancelled_by", "commission_type", "currency_override", "day", "delivery_fee", "delivery_fee_tax",
        "document_id", "external_id", "fulfilment", "funding_word", "has_financials", "is_funder_unknown",
        "is_pos_id_known", "is_tip_merchants", "items_total", "lines", "local", "merchant_discount", "pick_and_pack",
        "placed", "platform_discount", "promotions", "readable", "small_order", "status", "store", "tax",
        "third_party_discount", "tip", "total",
    )  # fmt: skip

    store: Store
    document_id: str
    external_id: str
    readable: str
    placed: int
    local: int
    day: int
    fulfilment: str
    commission_type: str
    status: str
    cancelled_by: str
    has_financials: bool
    lines: list[MenuLine]
    items_total: int
    promotions: list[Promotion]
    merchant_discount: int
    platform_discount: int
    third_party_discount: int
    is_funder_unknown: bool
    funding_word: str | None
    tax: int
    tip: int
    is_tip_merchants: bool
    delivery_fee: int
    delivery_fee_tax: int
    bag_fee: int
    small_order: int
    pick_and_pack: int
    total: int
    is_pos_id_known: bool
    currency_override: str | None

    @property
    def discount(self) -> int:
        """All discounts on items."""
        return self.merchant_discount + self.platform_discount + self.third_party_discount


# Hours of the day at which people order, one of them drawn at random: lunch, dinner, and a few at night.
_HOURS = [
    11,
    11,
    12,
    12,
    12,
    13,
    13,
    14,
    15,
    16,
    17,
    17,
    18,
    18,
    18,
    19,
    19,
    19,
    20,
    20,
    21,
    21,
    22,
    23,
    23,
    0,
    0,
    1,
    2,
    9,
]


class OrderMaker:
    """Makes the orders of one store.

    Args:
        is_tip_stated: whether the store's statements have a column for a merchant's tip.
        is_delivery_fee_stated: whether they have one for the fee of a self-delivered order.
    """

    def __init__(
        self,
        contract: Contract,
        store: Store,
        zone: Zone,
        menu: list[MenuLine],
        tax_rate_bps: int,
        number_offset: int,
        is_tip_stated: bool,
        is_delivery_fee_stated: bool,
    ) -> None:
        self._contract = contract
        self._store = store
        self._zone = zone
        self._menu = menu
        self._tax_bps = tax_rate_bps
        self._offset = number_offset
        self._is_tip_stated = is_tip_stated
        self._is_delivery_fee_stated = is_delivery_fee_stated
        self._presentation = contract.tax_presentation[store.platform]
        self._words = {
            funder: contract.funding_words(store.platform, funder) for funder in ("merchant", "platform", "third_party")
        }
        self._commission_types = {
            fulfilment: contract.commission_types(store.platform, fulfilment)
            for fulfilment in ("pickup", "self_delivery", "platform_delivery")
        }

    def _zone_offset(self, day: int) -> int:
        midday = day * DAY + 12 * HOUR
        return self._zone.local(midday) - midday

    def instant_on(self, rng: Random, day: int, first: int, last: int) -> int:
        """An instant on a local day at which somebody orders, kept between two instants."""
        of_day = int(_HOURS[int(rng.random() * 30)] * HOUR + rng.random() * HOUR)
        instant = day * DAY + of_day - self._zone_offset(day)
        if instant > last:
            start = max(first, day * DAY - self._zone_offset(day))
            instant = start + int(rng.random() * max(1, last - start))
        return max(instant, first)

    def make(self, rng: Random, placed: int, number: int) -> Order:
        """One order, placed at an instant; `number` counts the store's orders and makes its ids unique."""
        random = rng.random
        store = self._store
        order = Order()
        order.store = store
        order.document_id = uuid_text(rng.getrandbits(128))
        order.placed = placed
        order.local = self._zone.local(placed)
        order.day = order.local // DAY
        order.status = "finished"
        order.cancelled_by = ""
        order.currency_override = None
        order.is_pos_id_known = random() < 0.85
        self._number(order, rng, number)

        drawn = random()
        order.fulfilment = "pickup" if drawn < 0.14 else "self_delivery" if drawn < 0.42 else "platform_delivery"
        order.has_financials = random() >= 0.12
        types = self._commission_types[order.fulfilment]
        order.commission_type = (
            types[1 + int(random() * (len(types) - 1))]
            if order.has_financials and len(types) > 1 and random() < 0.38
            else "regular"
        )

        order.lines = rng.sample(self._menu, (1, 1, 1, 2, 2, 2, 3, 3, 4, 5)[int(random() * 10)])
        items = 0
        for line in order.lines:
            items += line.total
        order.items_total = items
        self._promote(order, rng)
        taxed = items - order.discount
        order.tax = share(taxed, self._tax_bps)
        is_self_delivered = order.fulfilment == "self_delivery"
        order.is_tip_merchants = is_self_delivered or order.fulfilment == "pickup"
        order.tip = 0
        if random() < 0.55 and (self._is_tip_stated or not order.is_tip_merchants):
            order.tip = share(items, (1000, 1500, 1800, 2000)[int(random() * 4)])
        order.delivery_fee = 0
        order.delivery_fee_tax = 0
        order.bag_fee = 0
        order.small_order = 0
        order.pick_and_pack = 0
        if order.fulfilment != "pickup" and random() < 0.5:
            if not is_self_delivered or self._is_delivery_fee_stated:
                order.delivery_fee = (199, 299, 399, 499, 0)[int(random() * 5)]
            if is_self_delivered and order.has_financials and random() < 0.4:
                order.delivery_fee_tax = share(order.delivery_fee, self._tax_bps)
        if order.has_financials:
            if store.platform in ("ubereats", "grubhub") and random() < 0.15:
                order.bag_fee = 10
            if items < 1200 and order.fulfilment != "pickup" and random() < 0.5:
                order.small_order = 200
            if random() < 0.01:
                order.pick_and_pack = 150
        self.sum_up(order)
        return order

    @staticmethod
    def sum_up(order: Order) -> None:
        """Set the total from its parts."""
        order.total = (
            order.items_total
            - order.discount
            + order.tax
            + order.delivery_fee_tax
            + order.tip
            + order.delivery_fee
            + order.bag_fee
            + order.small_order
            + order.pick_and_pack
        )

    def _number(self, order: Order, rng: Random, number: int) -> None:
        platform = self._store.platform
        bits = rng.getrandbits(128)
        if platform == "doordash":
            # A bijection of the counter: eight digits that look random and never repeat within a run.
            short = ((self._offset + number) * 2_654_435_761 + 1_594_736_431) % 2**32
            order.external_id = uuid_text((short << 96) | (bits & (2**96 - 1)))
            order.readable = f"{short:08X}"
        elif platform == "ubereats":
            short = (number * 660_529 + self._offset // 10_000_000 * 74_093 + 395_713) % 2**20
            order.external_id = uuid_text((bits >> 20 << 20) | short)
            order.readable = f"#{short:05X}"
        elif platform == "grubhub":
            digits = ((self._offset + number) * 36_978_123_456_791 + 4_135_790_246_813) % 10**14
            if bits % 4:
                digits += 10**14 * (1 + bits % 9)
            text = f"{digits:015d}"
            order.readable = f"{text[:8]}-{text[8:]}"
            order.external_id = f"gh{bits % 10**8:08d}_{self._offset + number:x}"
        else:
            order.external_id = f"{platform}-{(self._offset + number) * 48_271 + 100_000_007}"
            order.readable = str((self._offset + number) % 10_000)

    def _promote(self, order: Order, rng: Random) -> None:
        order.promotions = []
        order.merchant_discount = order.platform_discount = order.third_party_discount = 0
        order.is_funder_unknown = False
        order.funding_word = None
        random = rng.random
        if random() >= 0.24:
            return
        items = order.items_total
        if random() < 0.25 and order.has_financials:
            # It touches no subtotal, so no statement shows it.
            cents = (199, 299, 349)[int(random() * 3)]
            kind = "platform" if random() < 0.3 else "applied"
            order.promotions.append(Promotion(kind, "Free delivery", 0, [], "DELIVERY", None, cents))
            if random() < 0.6:
                return
        percentage = (10, 15, 20, 25)[int(random() * 4)]
        value = share(items, percentage * 100)
        if not order.has_financials:
            # The previous schema has nowhere to say who funds it.
            order.promotions.append(Promotion("order", "Offer", value, [], "PERCENTOFF", percentage))
            order.merchant_discount = value
            order.is_funder_unknown = True
            return
        if order.promotions and order.promotions[0].kind == "platform":
            kind = "platform"  # With platformPromotions the other arrays' funding is not looked at.
        elif order.promotions:
            kind = "applied"
        else:
            kind = ("platform", "platform", "applied", "coupon", "loyalty")[int(random() * 5)]
        name = {"coupon": "Coupon", "loyalty": "Loyalty reward"}.get(kind, f"{percentage}% off")
        if kind == "platform":
            drawn = random()
            platform_part = (
                0 if drawn < 0.5 else value if drawn < 0.65 else share(value, (2500, 4000, 5000)[int(random() * 3)])
            )
            third = 0
            if drawn > 0.93 and self._presentation != "receipts":
                third = value - platform_part - (value - platform_part) // 2
            merchant = value - platform_part - third
            parts = (("merchant", merchant), ("platform", platform_part), ("third_party", third))
            splits = [
                (funder, self._words[funder][int(random() * len(self._words[funder]))], cents)
                for funder, cents in parts
                if cents
            ]
            order.merchant_discount, order.platform_discount, order.third_party_discount = (
                merchant,
                platform_part,
                third,
            )
        else:
            funder = "platform" if random() < 0.25 else "merchant"
            word = self._words[funder][int(random() * len(self._words[funder]))]
            splits = [(funder, word, value)]
            if random() < 0.03 and order.commission_type == "regular":
                order.is_funder_unknown = True
                order.merchant_discount = value
            else:
                order.funding_word = word
                if funder == "platform":
                    order.platform_discount = value
                else:
                    order.merchant_discount = value
        order.promotions.append(
            Promotion(kind, name, value, splits, "PERCENTOFF", percentage if random() < 0.7 else None)
        )

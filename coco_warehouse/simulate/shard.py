"""One shard: the stores of one platform that are paid into one bank account, from order to statement."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

import orjson

from coco_warehouse.simulate import events
from coco_warehouse.simulate.clock import DAY, HOUR, MINUTE, Period, day_text, zone
from coco_warehouse.simulate.company import brand_of, make_menu, make_people, tax_bps
from coco_warehouse.simulate.contract import Contract, Store
from coco_warehouse.simulate.deliveries import DOORDASH_FAULTS, DeliveryMaker
from coco_warehouse.simulate.documents import DocumentMaker
from coco_warehouse.simulate.expected import full_charges, is_paid, unknown_charges
from coco_warehouse.simulate.faults import BY_NAME, FaultPlan
from coco_warehouse.simulate.order_plan import CHANGES_SALE, OrderFaults, OrderPlanner
from coco_warehouse.simulate.orders import Order, OrderMaker
from coco_warehouse.simulate.planting import plant
from coco_warehouse.simulate.randomness import digest, generator, uuid_text
from coco_warehouse.simulate.statements.files import StatementWriter, doordash_mode
from coco_warehouse.simulate.statements.lines import Line
from coco_warehouse.simulate.statements.ubereats import account_date, account_identity
from coco_warehouse.simulate.timetable import Timetable
from coco_warehouse.simulate.truth import Label, LabelWriter, entity_line
from coco_warehouse.simulate.writer import PartWriter

_EVENT_CLASSES = frozenset(
    ("refund", "error_charge", "won_back", "chargeback", "platform_adjustment", "tax_adjustment")
)
# What happens in ordinary life, with no fault asked for: share of orders by platform and class.
_ORDINARY_EVENTS = {
    "doordash": (("error_charge", 0.022), ("won_back", 0.004), ("platform_adjustment", 0.004)),
    "ubereats": (("refund", 0.022), ("won_back", 0.004), ("platform_adjustment", 0.004)),
    "grubhub": (("refund", 0.012), ("tax_adjustment", 0.02)),
    "receipts": (("refund", 0.012), ("chargeback", 0.003), ("won_back", 0.001)),
}
# The same of stores' weeks: charge, class, share.
_ORDINARY_ROWS = {
    "doordash": (("equipment", "equipment", 0.25),),
    "ubereats": (
        ("ads", "ads", 0.35),
        ("daily_pay_fee", "daily_pay_fee", 0.08),
        ("customer_contribution", "platform_adjustment", 0.06),
    ),
    "grubhub": (("ads", "ads", 0.25), ("platform_credit", "platform_adjustment", 0.12)),
}
_ROW_CHARGE = {"withholding": "backup_withholding"}
# Shares of sale lines whose stated net differs from their components, as measured on real statements.
_ORDINARY_REMAINDER = {"ubereats": 0.002, "grubhub": 0.0003}


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """What one shard has to make: its stores and how many orders each has, over how many days."""

    number: int
    platform: str
    account: str
    currency: str
    stores: tuple[tuple[Store, int, int], ...]
    """Store, orders, days over which they are placed (fewer than all for an integration that falls silent)."""

    @property
    def orders(self) -> int:
        """Orders of all stores."""
        return sum(count for _, count, _ in self.stores)


class Payout(NamedTuple):
    """One payout of a store, as its platform made it; `net` cents of the lines that it holds.

    Where `is_store_known` is false nothing that is loaded says whose payout it is.
    """

    platform: str
    store: Store
    account: str
    currency: str
    period: Period
    payout_id: str
    net: int
    is_unloaded: bool
    is_store_known: bool


@dataclass(slots=True)
class _Story:
    """What becomes of one order."""

    order: Order
    expected: dict[str, int] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    stated: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lines: list[str] = field(default_factory=list)
    is_settled: bool = False
    classes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Bucket:
    """Lines that are paid on one payday, by store."""

    period: Period
    lines: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    known_stores: set[str] = field(default_factory=set)


class Shard:
    """Makes everything of one shard.

    Args:
        start_day: first day of the run; end_day: its last day, after which nothing is known.
        raw, tables, truth: where documents and statements, table rows and the truth go.
        lane: number of the lane, which names the files that lanes would otherwise share.
    """

    def __init__(
        self,
        contract: Contract,
        plan: FaultPlan,
        shard: ShardPlan,
        start_day: int,
        end_day: int,
        raw: PartWriter,
        tables: PartWriter,
        truth: PartWriter,
        lane: int,
    ) -> None:
        self._contract = contract
        self._plan = plan
        self._shard = shard
        self._start_day = start_day
        self._end_day = end_day
        self._start = start_day * DAY
        self._end = (end_day + 1) * DAY - 1000
        self._raw = raw
        self._truth = truth
        self._lane = lane
        self._platform = shard.platform
        self._kind = "receipts" if contract.tax_presentation[shard.platform] == "receipts" else shard.platform
        self._timetable = Timetable(contract, plan, shard.platform, shard.currency, start_day, end_day)
        self._planner = OrderPlanner(
            contract,
            plan,
            self._timetable,
            shard.platform,
            self._kind,
            [store for store, _, _ in shard.stores],
            end_day,
        )
        self._events = events.EventMaker(contract, shard.platform)
        self._labels = LabelWriter(f"{shard.platform}-{shard.account}")
        self._statements = StatementWriter(contract, plan.seed, shard.platform, shard.account, raw)
        self._buckets: dict[int, _Bucket] = {}
        self._payouts: list[Payout] = []
        self._bare_left = 1
        self._made = 0

        def emit(table: str, day: int, row: bytes) -> None:
            tables.write(f"{table}.{day_text(day)}", row)

        self._makers: dict[str, tuple[OrderMaker, DocumentMaker, DeliveryMaker, list[int]]] = {}
        for store, count, days in shard.stores:
            # Ids are counted apart for each store of the company, so that no two shards give one twice.
            number = contract.stores.index(store)
            mode = doordash_mode(contract, store)
            people = make_people(plan.seed, shard.platform, store.time_zone)
            maker = OrderMaker(
                contract,
                store,
                zone(store.time_zone, start_day - 3, end_day + 60),
                make_menu(plan.seed, brand_of(store.terms[-1].store_name), store.currency),
                tax_bps(store),
                number * 10_000_000,
                is_tip_stated=shard.platform != "doordash" or mode == "detailed",
                is_delivery_fee_stated=shard.platform != "doordash" or mode == "simplified",
            )
            delivery_maker = DeliveryMaker(contract, people, number, self._end, emit)
            self._makers[store.store_id] = (
                maker,
                DocumentMaker(contract, people, self._end),
                delivery_maker,
                self._days_of_orders(store, count, days),
            )

    def _days_of_orders(self, store: Store, count: int, days: int) -> list[int]:
        """The day of each order, evenly spread so that no store is quiet for more than twice its habit."""
        salt = digest(self._plan.seed, "spread", store.platform, store.store_id)
        return [
            self._start_day + (number * 65_536 + (number * 40_503 + salt) % 65_536) * days // (count * 65_536)
            for number in range(count)
        ]

    def run(self, progress: object = None) -> list[Payout]:
        """Make the shard, pay period by pay period; returns its payouts."""
        day = self._start_day
        while day <= self._end_day:
            period = self._timetable.periods.of(day)
            bucket = self._buckets.setdefault(period.payday, _Bucket(period))
            bucket.period = period
            for number in range(len(self._shard.stores)):
                self._store_period(number, period)
                if callable(progress):
                    progress(self._made)
                    self._made = 0
            day = period.end + 1
            following = self._timetable.periods.of(day)
            if following.payday != period.payday or day > self._end_day:
                self._publish(self._buckets.pop(period.payday))
        return self._payouts

    def _store_period(self, number: int, period: Period) -> None:
        store = self._shard.stores[number][0]
        maker, documents, deliveries, days = self._makers[store.store_id]
        first = bisect_left(days, period.start)
        last = bisect_left(days, period.end + 1)
        rng = generator(self._plan.seed, "orders", store.platform, store.store_id, period.start)
        placed_last = self._end - 120_000
        orders = []
        for index in range(first, last):
            placed = maker.instant_on(rng, days[index], self._start, placed_last)
            order = maker.make(rng, placed, index)
            self._ordinary_status(order, rng)
            orders.append(order)
        self._made += last - first
        fault_rng = generator(self._plan.seed, "order faults", store.platform, store.store_id, period.start)
        for order, faults in zip(orders, self._planner.plan(store, period, orders, fault_rng), strict=True):
            self._order(order, faults, period, rng, fault_rng, documents, deliveries)
        self._account_rows(store, period, rng)

    @staticmethod
    def _ordinary_status(order: Order, rng: Random) -> None:
        drawn = rng.random()
        if drawn < 0.03:
            order.status = "cancelled"
            order.cancelled_by = ("platform", "merchant", "system")[int(drawn * 100)]
        elif drawn < 0.037:
            order.status = "rejected"

    # One order -------------------------------------------------------------------------------------------------

    def _order(
        self,
        order: Order,
        faults: OrderFaults,
        period: Period,
        rng: Random,
        fault_rng: Random,
        documents: DocumentMaker,
        deliveries: DeliveryMaker,
    ) -> None:
        whole = faults.whole
        story = _Story(order, classes=faults.classes)
        intended = order.status
        if whole != "missing_in_orders":
            versions = documents.versions(order, rng)
            for version in versions:
                self._raw.write(
                    f"order_documents/orders-{day_text(version.received // DAY)}-{self._lane}.ndjson",
                    version.text(),
                )
            if self._bare_left and order.status == "finished" and versions[-1].received < self._end - DAY:
                self._bare_left -= 1
                day = day_text(versions[-1].received // DAY + 1)
                self._raw.write_file(
                    f"order_documents/document-{self._platform}-{self._shard.account}-{day}.json",
                    versions[-1].body + b"\n",
                )
        if whole == "ambiguous":
            self._twin(order, rng, documents)
        if self._has_delivery(order) and whole not in ("missing_in_orders", "ambiguous"):
            self._deliver(order, rng, fault_rng, deliveries)
        paid = is_paid(order, self._contract)
        if paid:
            story.unknown = unknown_charges(order, self._contract)
            story.expected = {
                charge: cents
                for charge, cents in full_charges(order, self._contract).items()
                if charge not in story.unknown
            }
        elif paid is False:
            story.expected = {"sales": 0}
        self._state(story, intended, period, faults, rng)
        if whole != "missing_in_orders":
            self._write_order(story, period)

    def _twin(self, order: Order, rng: Random, documents: DocumentMaker) -> None:
        """Send an order a second time as another document."""
        first, status = order.document_id, order.status
        order.document_id = uuid_text(rng.getrandbits(128))
        for version in documents.versions(order, rng):
            self._raw.write(
                f"order_documents/orders-{day_text(version.received // DAY)}-{self._lane}.ndjson",
                version.text(),
            )
        expected = {
            charge: cents
            for charge, cents in full_charges(order, self._contract).items()
            if charge not in unknown_charges(order, self._contract)
        }
        twin = _Story(order, expected=expected, unknown=unknown_charges(order, self._contract))
        twin.classes = ["ambiguous"]
        self._label("ambiguous", twin, None, _negated(expected), "one of two documents of one order", True)
        self._write_order(twin, self._timetable.periods.of(order.day))
        order.document_id, order.status = first, status

    def _has_delivery(self, order: Order) -> bool:
        if order.fulfilment == "pickup":
            return False
        return order.fulfilment == "self_delivery" or self._kind == "receipts"

    def _deliver(self, order: Order, rng: Random, fault_rng: Random, deliveries: DeliveryMaker) -> None:
        planted: list[str] = []
        if self._plan.rates.is_any and order.status == "finished" and order.placed < self._end - DAY:
            possible = [*sorted(DOORDASH_FAULTS), "double_link", "deleted_parent"]
            planted = self._plan.rates.draw(fault_rng, possible)[:1]
        for fault in deliveries.make(order, rng, tuple(planted)):
            key = f"{fault.name}-{fault.entity_id}"
            line = entity_line(
                key, fault.name, fault.entity, fault.entity_id, fault.note, fault.is_planted, self._platform
            )
            self._truth.write("faults", line)

    # Statement lines -------------------------------------------------------------------------------------------

    def _state(
        self,
        story: _Story,
        intended: str,
        period: Period,
        faults: OrderFaults,
        rng: Random,
    ) -> None:
        """Write the order's statement lines and label what departs from the contract."""
        order = story.order
        whole, wrong_bps = faults.whole, faults.wrong_bps
        stating = self._timetable.stating(order.store, order.day)
        is_overdue = period.overdue < self._end_day
        paid = is_paid(order, self._contract)
        is_unloaded = self._timetable.is_unloaded(order.store, period)
        if whole in ("missing_in_statement", "cancelled_unpaid"):
            self._label(whole, story, None, _negated(story.expected), "due, and stated nowhere", True)
            return
        if not paid and whole != "cancelled_paid":
            if paid is False and intended == "cancelled":
                self._unpaid_cancellation(story, period, rng)
            return
        line = self._sale_line(order, rng)
        if is_unloaded:
            if is_overdue:
                name = "cancelled_unpaid" if order.status == "cancelled" else "statement_not_loaded"
                self._label(
                    name, story, None, _negated(story.expected), "the store's statement was not loaded", True,
                    caused_by="statement_not_loaded" if name == "cancelled_unpaid" else None,
                )  # fmt: skip
                story.classes.append(name)
            self._place(line, period)
            return
        if stating is None:
            return
        if whole == "wrong_store" and faults.other_store is not None:
            line.store = faults.other_store
        copy = self._second_line(line, rng) if "duplicate" in story.classes else None
        is_plain = not story.classes and order.status in ("finished", "ready")
        if wrong_bps or story.classes:
            self._plant_on_sale(story, line, wrong_bps, rng)
        self._add(story, line, period)
        self._label_sale(story, line, whole)
        if copy is not None:
            copy.charges = dict(line.charges)
            copy.remainder = line.remainder
            copy.discount_parts = line.discount_parts
            self._add(story, copy, period)
            self._label("duplicate", story, copy, _with_remainder(copy), f"repeats line {line.identity}", True)
        if whole or order.status == "cancelled":
            return
        if is_plain and self._platform == "doordash" and rng.random() < 0.01:
            self._reversal(story, line, period, rng)
        self._order_events(story, rng)

    def _second_line(self, line: Line, rng: Random) -> Line:
        """A second sale line of an order, a little later and under a higher id: which one is in excess can be told."""
        assert line.order is not None
        copy = self._sale_line(line.order, rng)
        copy.local = _minutes_later(line.local, 5)
        first, second = sorted((line.line_id, copy.line_id))
        line.line_id = line.identity = first
        copy.line_id = copy.identity = second
        return copy

    def _sale_line(self, order: Order, rng: Random) -> Line:
        charges = full_charges(order, self._contract)
        line_type = "sale"
        variant = 0
        platform = self._platform
        if platform == "ubereats":
            if order.status == "cancelled":
                line_type = "cancellation"
            words = self._contract.line_words("ubereats_payment_details", line_type)
            line_id = f"{order.external_id}/{words[variant]}"
        else:
            line_id = events.line_number(platform, rng)
        text = order.external_id if self._kind == "receipts" else ""
        line = Line(order.store, order, line_type, line_id, order.local, charges, text, variant)
        line.discount_parts = (
            -order.merchant_discount,
            -order.platform_discount,
            -order.third_party_discount,
        )
        if platform == "ubereats":
            schedule = self._contract.fee_schedule(order.store, order.fulfilment, order.commission_type, order.day)
            line.commission_bps = schedule.commission_bps
            if rng.random() < _ORDINARY_REMAINDER["ubereats"] and order.status != "cancelled":
                line.remainder = 1 + int(rng.random() * 60)
        elif platform == "grubhub" and rng.random() < _ORDINARY_REMAINDER["grubhub"]:
            line.remainder = 1 + int(rng.random() * 60)
        return line

    def _plant_on_sale(self, story: _Story, line: Line, wrong_bps: int, rng: Random) -> None:
        names = [name for name in CHANGES_SALE if name in story.classes]
        if wrong_bps:
            # A promotion's knock-on is counted at the contract's rate, the wrong rate then on the new base.
            names.insert(1 if names[:1] == ["promotion_funding"] else 0, "commission_rate")
            story.classes = [*story.classes, "commission_rate"]
        if "remainder" in names:
            line.remainder = 0
        for name in names:
            changes = plant(name, story.order, line, self._contract, rng, wrong_bps or None)
            if changes is None:
                story.classes = [chosen for chosen in story.classes if chosen != name]
                continue
            direct = {"promotion_funding": ("discount", "platform_funding")}.get(name)
            for charge, cents in changes.items():
                caused_by = name if direct is not None and charge not in direct else None
                self._label(name, story, line, {charge: cents}, BY_NAME[name].does, True, caused_by=caused_by)

    def _label_sale(self, story: _Story, line: Line, whole: str) -> None:
        order = story.order
        stated = _with_remainder(line)
        if whole == "cancelled_paid":
            self._label(whole, story, line, stated, "stated though nothing is due", True)
        elif whole == "missing_in_orders":
            self._label(whole, story, line, stated, "no document has this order", True)
        elif whole == "wrong_store":
            self._label(whole, story, line, stated, f"belongs to store {order.store.store_id}", True)
            own = Label(
                whole, order.store, order.document_id, order.readable, line.identity, _negated(stated),
                f"stated under store {line.store.store_id}", True,
            )  # fmt: skip
            self._write_label(own)
            self._label_ordinary_remainder(story, line)
        elif whole == "currency_mismatch":
            self._label(whole, story, line, stated, f"the document says {order.currency_override}", True)
            self._label(
                whole, story, line, _negated(story.expected), "expected in the document's currency", True,
                currency=order.currency_override or "",
            )  # fmt: skip
        elif whole == "ambiguous":
            self._label(whole, story, line, stated, "two documents fit this line", True)
            self._label(whole, story, None, _negated(story.expected), "one of two documents of one order", True)
            story.stated.clear()
            story.lines.clear()
        else:
            unknown = {charge: line.charges[charge] for charge in story.unknown if charge in line.charges}
            if unknown:
                self._label("unverified", story, line, unknown, "nothing names who funds the discount", False)
            self._label_ordinary_remainder(story, line)

    def _label_ordinary_remainder(self, story: _Story, line: Line) -> None:
        """What a platform's net differs by without a fault, wherever the line stands."""
        if line.remainder and "remainder" not in story.classes:
            note = "the stated net is not the sum of its components"
            self._label("remainder", story, line, {"remainder": line.remainder}, note, False)

    def _unpaid_cancellation(self, story: _Story, period: Period, rng: Random) -> None:
        """Some platforms list a cancelled order that they do not pay; it adds up to nothing."""
        order = story.order
        if self._platform == "ubereats" and rng.random() < 0.4:
            words = self._contract.line_words("ubereats_payment_details", "cancellation")
            line = Line(order.store, order, "cancellation", f"{order.external_id}/{words[1]}", order.local, {}, "", 1)
            self._add(story, line, period)
        elif self._platform == "grubhub" and rng.random() < 0.5:
            sale = self._sale_line(order, rng)
            sale.remainder = 0
            self._add(story, sale, period)
            back = Line(
                order.store,
                order,
                "cancellation",
                events.line_number("grubhub", rng),
                order.local,
                _negated(sale.charges),
            )
            self._add(story, back, period)

    def _reversal(self, story: _Story, line: Line, period: Period, rng: Random) -> None:
        """A sale first stated too high, taken back and stated again: together one sale."""
        order = story.order
        wrong = self._sale_line(order, rng)
        wrong.charges["sales"] += 1122
        back = self._sale_line(order, rng)
        back.charges = _negated(wrong.charges)
        back.discount_parts = (order.merchant_discount, order.platform_discount, order.third_party_discount)
        back.local = _minutes_later(order.local, 1)
        line.local = _minutes_later(order.local, 2)
        self._add(story, wrong, period)
        self._add(story, back, period)

    def _order_events(self, story: _Story, rng: Random) -> None:
        """Refunds, disputes and adjustments of one order: planted ones, else those of ordinary life."""
        planted = [name for name in story.classes if name in _EVENT_CLASSES]
        if planted:
            # A reversal brings the refund or dispute that it reverses.
            if "won_back" in planted:
                planted = [name for name in planted if name not in ("refund", "error_charge", "chargeback")]
            for name in planted:
                self._event(story, name, rng, True)
            return
        drawn = rng.random()
        for name, rate in _ORDINARY_EVENTS[self._kind]:
            drawn -= rate
            if drawn < 0:
                self._event(story, name, rng, False)
                return

    def _event(self, story: _Story, name: str, rng: Random, is_planted: bool) -> None:
        order = story.order
        maker = self._events
        moment = self._stated_moment(order, rng, order.local)
        if moment is None:
            return
        if name == "won_back":
            if self._kind == "receipts":
                earlier, earlier_class = maker.chargeback(order, moment, rng), "chargeback"
            else:
                earlier, earlier_class = maker.refund(order, moment, rng), maker.refund_class()
            self._add_event(story, earlier, earlier_class, is_planted)
            again = self._stated_moment(order, rng, moment + HOUR)
            if again is not None:
                self._add_event(story, maker.won_back(order, earlier, again, rng), "won_back", is_planted)
            return
        if name in ("refund", "error_charge"):
            line = maker.refund(order, moment, rng)
        elif name == "chargeback":
            line = maker.chargeback(order, moment, rng)
        elif name == "tax_adjustment":
            line = maker.tax_adjustment(order, moment, rng)
        else:
            line = maker.platform_adjustment(order, moment, rng)
        self._add_event(story, line, name, is_planted)

    def _stated_moment(self, order: Order, rng: Random, after: int) -> int | None:
        """A local instant after another whose day a known statement covers; None where none is found."""
        for _ in range(6):
            moment = events.later(order, rng)
            if moment > after and self._timetable.stating(order.store, moment // DAY) is not None:
                return moment
        return None

    def _add_event(self, story: _Story, line: Line, name: str, is_planted: bool) -> None:
        period = self._timetable.periods.of(line.day)
        self._add(story, line, period)
        self._label(name, story, line, _with_remainder(line), line.text.split("\n")[0], is_planted)

    def _account_rows(self, store: Store, period: Period, rng: Random) -> None:
        """Rows of a store's pay period that name no order."""
        if self._platform == "doordash" and doordash_mode(self._contract, store) != "simplified":
            return
        planted = self._timetable.planted(store, period)
        rows = [
            (charge, name, False)
            for charge, name, rate in _ORDINARY_ROWS.get(self._platform, ())
            if rng.random() < rate and name not in planted
        ]
        rows += [
            (_ROW_CHARGE.get(name, name), name, True)
            for name in sorted(planted)
            if name not in ("commission_rate", "statement_not_loaded")
        ]
        for number, (charge, name, is_planted) in enumerate(rows):
            first = max(period.start, self._start_day)
            day = first + int(rng.random() * (min(period.end, self._end_day) - first + 1))
            # Each row has a minute of its own, so that no two rows of a day are one.
            local = day * DAY + 9 * HOUR + number * 60_000 + int(rng.random() * 3) * 1000
            line = self._events.account_row(store, charge, local, rng, period.start)
            stating = self._timetable.stating(store, day)
            self._place(line, period)
            if stating is not None:
                self._write_label(
                    Label(
                        name, store, None, None, self._identity(line), _with_remainder(line),
                        line.text, is_planted,
                    )
                )  # fmt: skip

    def _identity(self, line: Line) -> str:
        if self._platform == "ubereats" and line.order is None:
            line.identity = account_identity(line, account_date(line))
        return line.identity

    def _add(self, story: _Story, line: Line, period: Period) -> None:
        """Put a line on the statement of a period, and into the order's story where that statement is known."""
        self._place(line, period)
        # A line of direct orders names no store: only the document of its order does.
        if self._kind != "receipts" or not {"missing_in_orders", "ambiguous"} & set(story.classes):
            self._buckets[period.payday].known_stores.add(line.store.store_id)
        if self._timetable.stating(line.store, line.day) is None:
            return
        story.lines.append(self._identity(line))
        for charge, cents in _with_remainder(line).items():
            story.stated[charge] += cents
        if line.line_type in ("sale", "cancellation"):
            story.is_settled = period.payday <= self._end_day

    def _place(self, line: Line, period: Period) -> None:
        line.payday = period.payday
        line.payout_id = self._timetable.payout_id(line.store, period)
        bucket = self._buckets.setdefault(period.payday, _Bucket(period))
        bucket.lines[line.store.store_id].append(line)

    # Truth -----------------------------------------------------------------------------------------------------

    def _label(
        self,
        name: str,
        story: _Story,
        line: Line | None,
        cents: dict[str, int],
        note: str,
        is_planted: bool,
        currency: str = "",
        caused_by: str | None = None,
    ) -> None:
        order = story.order
        self._write_label(
            Label(
                name,
                line.store if line is not None else order.store,
                None if "missing_in_orders" in story.classes else order.document_id,
                order.readable,
                self._identity(line) if line is not None else None,
                cents,
                note,
                is_planted,
                currency,
                caused_by,
            )
        )

    def _write_label(self, label: Label) -> None:
        for text in self._labels.lines(label):
            self._truth.write("faults", text)

    def _write_order(self, story: _Story, period: Period) -> None:
        order = story.order
        store = order.store
        self._truth.write(
            "orders",
            orjson.dumps(
                {
                    "order_id": order.document_id,
                    "platform": store.platform,
                    "platform_store_id": store.store_id,
                    "merchant_id": store.on(order.day).merchant_id,
                    "external_id": order.external_id,
                    "readable_number": order.readable,
                    "currency_code": order.currency_override or store.currency,
                    "order_date": day_text(order.day),
                    "status": order.status,
                    "due_date": day_text(period.due),
                    "overdue_date": day_text(period.overdue),
                    "expected": story.expected,
                    "unknown": story.unknown,
                    "stated": {charge: cents for charge, cents in story.stated.items() if cents},
                    "is_stated": bool(story.lines),
                    "is_settled": story.is_settled,
                    "statement_lines": story.lines,
                    "classes": story.classes,
                }
            ),
        )

    # Files -----------------------------------------------------------------------------------------------------

    def _publish(self, bucket: _Bucket) -> None:
        """Write the files of one payday and note its payouts."""
        period = bucket.period
        loaded: dict[Store, list[Line]] = {}
        for store, _, _ in self._shard.stores:
            lines = bucket.lines.get(store.store_id)
            if not lines:
                continue
            lines.sort(key=lambda line: (line.local, line.line_id, line.text))
            is_unloaded = self._timetable.is_unloaded(store, period)
            if not is_unloaded:
                loaded[store] = lines
            if period.payday <= self._end_day:
                self._payouts.append(
                    Payout(
                        self._platform,
                        store,
                        self._shard.account,
                        self._shard.currency,
                        period,
                        lines[0].payout_id,
                        sum(line.net for line in lines),
                        is_unloaded,
                        self._kind != "receipts" or store.store_id in bucket.known_stores,
                    )
                )
        if loaded:
            self._statements.write(period, loaded, self._timetable)


def _minutes_later(local: int, minutes: int) -> int:
    """Some minutes later, but on the same day."""
    return min(local + minutes * MINUTE, local // DAY * DAY + DAY - 1000)


def _negated(charges: dict[str, int]) -> dict[str, int]:
    return {charge: -cents for charge, cents in charges.items()}


def _with_remainder(line: Line) -> dict[str, int]:
    return line.charges | {"remainder": line.remainder} if line.remainder else dict(line.charges)

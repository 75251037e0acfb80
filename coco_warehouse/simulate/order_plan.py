"""Which faults stand on which orders of one store's pay period.

A reader can tell a week's usual rate, or that a statement covers a store, only from the other lines: so the faults of a
period are drawn together, and those that would leave nothing to compare with are taken back.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

from coco_warehouse.simulate.clock import Period
from coco_warehouse.simulate.contract import Contract, FeeSchedule, Store
from coco_warehouse.simulate.expected import full_charges, is_paid
from coco_warehouse.simulate.faults import WHOLE_ORDER, FaultPlan, compatible
from coco_warehouse.simulate.orders import Order
from coco_warehouse.simulate.planting import other_bases
from coco_warehouse.simulate.randomness import digest
from coco_warehouse.simulate.statements.files import doordash_mode
from coco_warehouse.simulate.timetable import Timetable

# How many cents of rounding faults one store's pay period may hold: the model caps them per store and period.
ROUNDING_CAP = 10
# A week's wrong rate is only to be seen where several lines bear it.
RATE_FAULT_LINES = 4
_RATE_SHIFTS = (50, 100, 200, 300, 500, -100)

CHANGES_SALE = (
    "promotion_funding", "commission_base", "processing_fee", "tax_treatment", "tip", "tax_rounding", "rounding",
    "remainder", "unexplained",
)  # fmt: skip
_ALLOWED_EVENTS = {
    "doordash": ("error_charge", "won_back", "platform_adjustment"),
    "ubereats": ("refund", "won_back", "platform_adjustment"),
    "grubhub": ("refund", "tax_adjustment"),
    "receipts": ("refund", "won_back", "chargeback"),
}


@dataclass(slots=True)
class OrderFaults:
    """What is planted on one order.

    `whole` is its whole-order class or nothing, `wrong_bps` the commission rate of a week's rate fault or 0,
    `other_store` the store whose statement holds the line of a `wrong_store`.
    """

    classes: list[str] = field(default_factory=list)
    wrong_bps: int = 0
    other_store: Store | None = None

    @property
    def whole(self) -> str:
        """The class of which an order has at most one."""
        return self.classes[0] if self.classes and self.classes[0] in WHOLE_ORDER else ""


class OrderPlanner:
    """Plans the faults of one shard's orders.

    Args:
        kind: `doordash`, `ubereats`, `grubhub`, or `receipts` for direct orders.
        stores: the stores of the shard.
    """

    def __init__(
        self,
        contract: Contract,
        plan: FaultPlan,
        timetable: Timetable,
        platform: str,
        kind: str,
        stores: list[Store],
        end_day: int,
    ) -> None:
        self._contract = contract
        self._plan = plan
        self._timetable = timetable
        self._platform = platform
        self._kind = kind
        self._stores = stores
        self._end_day = end_day
        self._other_stores: dict[tuple[str, int], list[Store]] = {}
        self._paid_canceller = self._canceller(True)
        self._unpaid_canceller = self._canceller(False)

    def _canceller(self, is_paid: bool) -> str | None:
        rules = self._contract.is_cancellation_paid
        return next(
            (by for platform, by in rules if platform == self._platform and rules[platform, by] is is_paid), None
        )

    def plan(self, store: Store, period: Period, orders: list[Order], rng: Random) -> list[OrderFaults]:
        """The faults of a store's pay period, order by order; an order's document is changed to fit its class."""
        if not self._plan.rates.is_any:
            return [OrderFaults() for _ in orders]
        drawn = [self._draw(order, period, rng) for order in orders]
        if not any(self._has_plain_line(order, faults) for order, faults in zip(orders, drawn, strict=True)):
            # Nothing would show that a statement covers the store's period.
            for faults in drawn:
                if faults.whole in ("missing_in_statement", "cancelled_unpaid"):
                    faults.classes = []
        self._wrong_rates(store, period, orders, drawn)
        self._cap(orders, drawn)
        for order, faults in zip(orders, drawn, strict=True):
            self._change_document(order, faults, rng)
        return drawn

    def _draw(self, order: Order, period: Period, rng: Random) -> OrderFaults:
        stating = self._timetable.stating(order.store, order.day)
        if order.status != "finished" or stating is None:
            return OrderFaults()
        other_store = self._other_store(order, stating)
        possible = self._possible(order, period, other_store)
        return OrderFaults(compatible(self._plan.rates.draw(rng, possible)), 0, other_store)

    def _possible(self, order: Order, period: Period, other_store: Store | None) -> list[str]:
        """The classes that can be planted on an order."""
        names = ["missing_in_orders", "remainder", "unexplained", *_ALLOWED_EVENTS[self._kind]]
        if self._unpaid_canceller is not None:
            names.append("cancelled_paid")
        if self._platform != "ubereats":
            names.append("duplicate")
        if self._kind != "receipts":
            names += ["tax_treatment", "tip", "tax_rounding"]
        if not order.is_funder_unknown:
            names += ["ambiguous", "processing_fee"]
            if self._kind != "receipts":
                names += ["promotion_funding", "commission_base", "rounding"]
            if order.has_financials:
                names.append("currency_mismatch")
            if other_store is not None:
                names.append("wrong_store")
            if period.overdue < self._end_day:
                names.append("missing_in_statement")
                if self._paid_canceller is not None:
                    names.append("cancelled_unpaid")
        return [name for name in names if name not in CHANGES_SALE or self._can_change(order, name)]

    def _can_change(self, order: Order, name: str) -> bool:
        """Whether a class has something to change on an order's sale."""
        charges = full_charges(order, self._contract)
        if name == "promotion_funding":
            return order.discount > 0
        if name == "commission_base":
            return "commission" in charges and bool(other_bases(order, self._schedule(order)))
        if name == "processing_fee":
            return "processing_fee" in charges
        if name == "tax_treatment":
            return order.tax > 1
        if name == "tip":
            return charges.get("tip", 0) > 3
        if name == "tax_rounding":
            return charges.get("tax", 0) > 9
        if name == "rounding":
            return charges.get("commission", 0) < -9
        return True

    def _other_store(self, order: Order, stating: Period) -> Store | None:
        """Another store whose statement could hold the order's line by mistake, found by an exact id."""
        if self._platform not in ("doordash", "ubereats"):
            return None
        key = order.store.store_id, order.day
        candidates = self._other_stores.get(key)
        if candidates is None:
            mode = doordash_mode(self._contract, order.store)
            candidates = self._other_stores[key] = [
                store
                for store in self._stores
                if store.store_id != order.store.store_id
                and doordash_mode(self._contract, store) == mode
                and self._timetable.stating(store, order.day) == stating
            ]
        return candidates[int(order.document_id[:6], 16) % len(candidates)] if candidates else None

    def _schedule(self, order: Order) -> FeeSchedule:
        return self._contract.fee_schedule(order.store, order.fulfilment, order.commission_type, order.day)

    def _has_plain_line(self, order: Order, faults: OrderFaults) -> bool:
        """Whether the order has a line on its own store's statement."""
        if faults.whole in ("missing_in_statement", "cancelled_unpaid", "wrong_store", "missing_in_orders"):
            return False
        is_due = is_paid(order, self._contract) or faults.whole == "cancelled_paid"
        return is_due and self._timetable.stating(order.store, order.day) is not None

    def _plain_by_schedule(self, orders: list[Order], drawn: list[OrderFaults]) -> dict[str, list[OrderFaults]]:
        """The orders whose commission shows what rate their fee schedule was charged at."""
        found: dict[str, list[OrderFaults]] = defaultdict(list)
        for order, faults in zip(orders, drawn, strict=True):
            if order.status != "finished" or faults.whole or order.is_funder_unknown:
                continue
            if self._schedule(order).commission_bps and self._timetable.stating(order.store, order.day):
                found[self._schedule(order).schedule_id].append(faults)
        return found

    def _wrong_rates(self, store: Store, period: Period, orders: list[Order], drawn: list[OrderFaults]) -> None:
        """Give most lines of one fee schedule another rate, where a rate fault is planted on the period."""
        if "commission_rate" not in self._timetable.planted(store, period):
            return
        plain = self._plain_by_schedule(orders, drawn)
        if not plain:
            return
        schedule_id = max(sorted(plain), key=lambda name: len(plain[name]))
        lines = sum(self._schedule(order).schedule_id == schedule_id for order in orders)
        if len(plain[schedule_id]) < RATE_FAULT_LINES or len(plain[schedule_id]) * 3 < lines * 2:
            return
        shift = _RATE_SHIFTS[digest(self._plan.seed, "rate", store.store_id, period.start) % len(_RATE_SHIFTS)]
        rate = next(
            self._schedule(order).commission_bps for order in orders if self._schedule(order).schedule_id == schedule_id
        )
        for faults in plain[schedule_id]:
            faults.wrong_bps = rate + shift
            faults.classes = [name for name in faults.classes if name not in ("commission_base", "rounding")]

    def _cap(self, orders: list[Order], drawn: list[OrderFaults]) -> None:
        """Keep three quarters of a schedule's commissions as the contract says, and rounding within its cap."""
        for lines in self._plain_by_schedule(orders, drawn).values():
            allowed = len(lines) // 4 if len(lines) >= RATE_FAULT_LINES else 0
            for faults in lines:
                if {"commission_base", "rounding"} & set(faults.classes):
                    if allowed:
                        allowed -= 1
                    else:
                        faults.classes = [
                            name for name in faults.classes if name not in ("commission_base", "rounding")
                        ]
        left = ROUNDING_CAP
        for faults in drawn:
            for name in ("rounding", "tax_rounding"):
                if name in faults.classes:
                    if left:
                        left -= 1
                    else:
                        faults.classes.remove(name)

    def _change_document(self, order: Order, faults: OrderFaults, rng: Random) -> None:
        whole = faults.whole
        if whole == "currency_mismatch":
            others = sorted({store.currency for store in self._contract.stores} - {order.store.currency})
            order.currency_override = others[int(rng.random() * len(others))]
        elif whole == "ambiguous":
            order.is_pos_id_known = False
        elif whole == "wrong_store":
            order.is_pos_id_known = True
        elif whole == "cancelled_paid":
            order.status, order.cancelled_by = "cancelled", self._unpaid_canceller or ""
        elif whole == "cancelled_unpaid":
            order.status, order.cancelled_by = "cancelled", self._paid_canceller or ""

"""The catalogue of what can be planted, and the plan that says where.

A class is planted on a unit: an order, a store's week, a payout's deposit, a delivery, or a merchant's integration.
docs/simulate.md explains every class.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random

from coco_warehouse.simulate.randomness import generator


@dataclass(frozen=True, slots=True)
class FaultClass:
    """One class of fault: its name, its letter in the model, the unit it is planted on, what it does."""

    name: str
    letter: str
    unit: str
    does: str


CATALOGUE = (
    FaultClass("currency_mismatch", "A1", "order", "the document names another currency than the store is paid in"),
    FaultClass("ambiguous", "A2", "order", "the order arrives as two documents, and its line names no POS order ID"),
    FaultClass("duplicate", "A3", "order", "the sale line stands twice, under two transaction ids"),
    FaultClass("wrong_store", "A4", "order", "the sale line stands under another store, and is paid to it"),
    FaultClass("missing_in_orders", "A5", "order", "the line is stated, the document never arrives"),
    FaultClass("cancelled_paid", "A6", "order", "an order that is not to be paid is stated as a sale"),
    FaultClass("cancelled_unpaid", "A7", "order", "a cancelled order that is to be paid is not stated"),
    FaultClass("statement_not_loaded", "A8", "store_week", "no file holds the store's week; its payout is deposited"),
    FaultClass("missing_in_statement", "A9", "order", "the order is left out of its store's statement"),
    FaultClass("refund", "B1", "order", "part of a sale is refunded, with its tax and withholding"),
    FaultClass("error_charge", "B1", "order", "DoorDash charges for an error"),
    FaultClass("won_back", "B2", "order", "a refund, error charge or dispute is reversed"),
    FaultClass("chargeback", "B3", "order", "a card payment is disputed"),
    FaultClass("platform_adjustment", "B3", "order", "the platform adjusts an order or credits a store"),
    FaultClass("tax_adjustment", "B3", "order", "Grubhub adjusts an order's tax"),
    FaultClass("ads", "B3", "store_week", "advertising is charged"),
    FaultClass("equipment", "B3", "store_week", "a tablet or printer is charged"),
    FaultClass("capital", "B3", "store_week", "an advance is repaid"),
    FaultClass("daily_pay_fee", "B3", "store_week", "early payout is charged"),
    FaultClass("withholding", "B3", "store_week", "backup withholding is taken"),
    FaultClass("promotion_funding", "C1", "order", "less is funded, or more discounted, than the document says"),
    FaultClass("commission_rate", "C2", "store_week", "a week's orders are charged at another rate"),
    FaultClass("commission_base", "C3", "order", "the commission is taken of another base"),
    FaultClass("processing_fee", "C4", "order", "the processing fee is another than its rule's"),
    FaultClass("tax_treatment", "C4", "order", "tax is passed on instead of withheld, or the reverse"),
    FaultClass("tip", "C4", "order", "the merchant's tip is left out or halved"),
    FaultClass("tax_rounding", "C5", "order", "the tax is a cent off"),
    FaultClass("rounding", "C5", "order", "the commission is a cent off"),
    FaultClass("remainder", "C6", "order", "the stated net is not the sum of the line's components"),
    FaultClass("missing_deposit", "bank", "deposit", "the payout never reaches the bank"),
    FaultClass("short_deposit", "bank", "deposit", "less than the payout is deposited"),
    FaultClass("over_deposit", "bank", "deposit", "more than the payout is deposited"),
    FaultClass("duplicate_deposit", "bank", "deposit", "the payout is deposited twice"),
    FaultClass("unexpected_deposit", "bank", "deposit", "the platform deposits what no payout explains"),
    FaultClass("wrong_account_deposit", "bank", "deposit", "the payout is deposited to another account"),
    FaultClass("unanswered_create", "integration", "delivery", "CREATE has no response"),
    FaultClass("wrong_id_type", "integration", "delivery", "calls name the integer delivery id, not the attempt"),
    FaultClass("orphan_reference", "integration", "delivery", "a reference whose delivery and attempt do not exist"),
    FaultClass("double_link", "integration", "delivery", "one attempt is linked to two deliveries"),
    FaultClass("deleted_parent", "integration", "delivery", "a delivery is deleted, its attempts are not"),
    FaultClass("repeated_create", "integration", "delivery", "CREATE is sent twice for one attempt"),
    FaultClass("cancel_after_completion", "integration", "delivery", "CANCEL is sent after the drop-off"),
    FaultClass("response_not_json", "integration", "delivery", "a response's payload is not JSON"),
    FaultClass("silent_integration", "integration", "merchant", "an active integration brings no more orders"),
    FaultClass("duplicated_external_id", "integration", "merchant", "two merchants share an external id"),
)

# Planted only when asked for by name: no class of the model explains it.
UNEXPLAINED = FaultClass("unexplained", "C7", "order", "the stated sales differ for no reason that a class knows")

BY_NAME: Mapping[str, FaultClass] = {fault.name: fault for fault in (*CATALOGUE, UNEXPLAINED)}

# Of these an order has at most one, and nothing else that touches its sale.
WHOLE_ORDER = frozenset(
    (
        "currency_mismatch",
        "ambiguous",
        "wrong_store",
        "missing_in_orders",
        "cancelled_paid",
        "cancelled_unpaid",
        "missing_in_statement",
    )
)
# What a class changes on the sale line: two classes that change the same part never meet, save promotion funding and
# a week's commission rate, whose shares can be told apart.
TOUCHES: Mapping[str, frozenset[str]] = {
    "promotion_funding": frozenset(("discount", "platform_funding", "commission", "processing_fee")),
    "commission_base": frozenset(("commission",)),
    "processing_fee": frozenset(("processing_fee",)),
    "tax_treatment": frozenset(("tax",)),
    "tip": frozenset(("tip",)),
    "tax_rounding": frozenset(("tax",)),
    "rounding": frozenset(("commission",)),
    "remainder": frozenset(("remainder",)),
    "unexplained": frozenset(("sales", "remainder")),
    "duplicate": frozenset(),
}


class FaultError(Exception):
    """The asked faults cannot be planted; the text says why."""


@dataclass(frozen=True)
class FaultRates:
    """How much is planted.

    With `overall`, that share of units gets a fault, its class drawn evenly from those that can stand there, and now
    and then a second one. With `by_class`, each named class is drawn on its own, at its own share of the units on
    which it can stand.
    """

    overall: float = 0.0
    by_class: tuple[tuple[str, float], ...] = ()

    @classmethod
    def parse(cls, faults: float | Mapping[str, float]) -> FaultRates:
        """Rates from one share or from shares by class.

        Raises:
            FaultError: a share is not between 0 and 1, or a class is unknown.
        """
        rates = {"faults": faults} if isinstance(faults, int | float) else dict(faults)
        for name, rate in rates.items():
            if not 0 <= rate <= 1:
                raise FaultError(f"the rate of {name} is {rate}; give a share between 0 and 1, such as 0.05")
        if isinstance(faults, int | float):
            return cls(float(faults))
        unknown = sorted(set(rates) - set(BY_NAME))
        if unknown:
            raise FaultError(f"unknown fault class {', '.join(unknown)}; the classes are: {', '.join(BY_NAME)}")
        return cls(0.0, tuple(sorted((name, float(rate)) for name, rate in rates.items() if rate > 0)))

    @property
    def is_any(self) -> bool:
        """Whether anything is planted at all."""
        return self.overall > 0 or bool(self.by_class)

    def draw(self, rng: Random, applicable: Iterable[str]) -> list[str]:
        """The classes to plant on one unit, in random order."""
        if self.overall:
            if rng.random() >= self.overall:
                return []
            names = sorted(set(applicable) - {UNEXPLAINED.name})
            if not names:
                return []
            count = 1
            while count < len(names) and rng.random() < 0.3:
                count += 1
            return rng.sample(names, count)
        possible = set(applicable)
        drawn = [name for name, rate in self.by_class if name in possible and rng.random() < rate]
        rng.shuffle(drawn)
        return drawn


@dataclass(frozen=True)
class FaultPlan:
    """The seed's plan: every question has one answer, whoever asks and whenever."""

    seed: int
    rates: FaultRates

    def on(self, unit: str, applicable: Iterable[str], *names: object) -> list[str]:
        """The classes planted on a named unit."""
        if not self.rates.is_any:
            return []
        return self.rates.draw(generator(self.seed, "faults", unit, *names), applicable)


def compatible(drawn: list[str]) -> list[str]:
    """The drawn classes that can stand on one order together; the first drawn goes before the later ones."""
    chosen: list[str] = []
    touched: set[str] = set()
    for name in drawn:
        if name in WHOLE_ORDER:
            if not chosen:
                return [name]
            continue
        touches = TOUCHES.get(name, frozenset())
        if not touches & touched:
            touched |= touches
            chosen.append(name)
    return chosen

"""Why the classes of variance that are tried before another did not hold for an order, in words and figures.

Each reason is told from what the models found of the order: its lines, the components of its sale, the terms that its
fees were charged at. No rule is worked out again here.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from coco_warehouse.explain.display import rate_text
from coco_warehouse.marts import Row, money

LINES = """
    select line_type, net_cents, store_id, currency_code, match_method, match_candidate_count
    from {marts}.statement_lines
    where order_id = ? or (order_id is null and statement_order_id = ?)
"""
COMPONENTS = """
    select
        components.charge_type, components.stated_cents, components.expected_cents, components.residual_cents,
        components.is_unknown, amounts.payment_rule = 'not_yet'
    from {intermediate}.int_order_components as components
    inner join {intermediate}.int_expected_amounts as amounts on components.order_id = amounts.order_id
    where components.order_id = ?
"""
FEES = """
    select
        charge_type, agreed_rate_bps, agreed_base, agreed_base_cents, agreed_fixed_cents, agreed_cents, stated_cents,
        charged_base, charged_rate_bps
    from {intermediate}.int_charged_fees
    where order_id = ?
"""
CLASSES = """
    select break_class, code from {reference}.break_classes
    where code < 'D'
    order by code, case when break_class = 'unexplained' then 1 else 0 end, break_class
"""

DISCOUNTS = ("discount", "platform_funding", "third_party_funding")
TAXES = ("tax", "tax_withheld")
# Classes of lines that are no sale: a line is of one of them, or it is not.
LINE_CLASSES = "B"


@dataclass(frozen=True)
class Facts:
    """What is known of one order; amounts are cents.

    Attributes:
        has_document: whether an order document is known.
        store: the store of the document.
        currency: the currency of the document.
        status: its status.
        expected: what it should bring, in all.
        due: the day on which the money is due, as text.
        settlement: its settlement state.
        lines: rows of LINES.
        components: a row of COMPONENTS by charge type.
        fees: a row of FEES by charge type.
    """

    has_document: bool
    store: str | None
    currency: str | None
    status: str | None
    expected: int
    due: str
    settlement: str
    lines: Sequence[Row]
    components: Mapping[str, Row]
    fees: Mapping[str, Row]

    def residual(self, *charge_types: str) -> int:
        """What the sale states less what was expected, of some charge types."""
        return sum(int(self.components[name][3]) for name in charge_types if name in self.components)

    def beside(self, *charge_types: str) -> str:
        """Stated and expected of some charge types, in words."""
        found = [self.components[name] for name in charge_types if name in self.components]
        stated, expected = sum(int(row[1]) for row in found), sum(int(row[2]) for row in found)
        return f"stated {money(stated)}, expected {money(expected)}"


def reasons(facts: Facts, classes: Sequence[Row], claimed: Mapping[str, int]) -> list[list[str]]:
    """Tell, class by class up to the last that holds, why it holds or not.

    Args:
        facts: what is known of the order.
        classes: rows of CLASSES, in the order in which they are tried.
        claimed: cents that each class claims of the order.

    Returns:
        Rows of code, class, the amount claimed (blank where it does not hold) and the reason. What a glance rules out
        stands together in one row, and so do the kinds of line that the order has none of.
    """
    last = max((number for number, (name, _) in enumerate(classes) if name in claimed), default=-1)
    told, plain, absent = [], [], []
    for name, code in classes[: last + 1]:
        if name in claimed:
            told.append([code, name, money(claimed[name]), held(name, facts)])
        elif code.startswith(LINE_CLASSES):
            absent.append(name)
        elif name in PLAIN and PLAIN[name](facts) is not None:
            plain.append((code, PLAIN[name](facts)))
        elif name in REASONS:
            told.append([code, name, "", REASONS[name](facts)])
    if plain:
        # Each that is said once says why for all that it rules out.
        said = dict.fromkeys(str(reason) for _, reason in plain)
        told.append([" ".join(code for code, _ in plain), "ruled out at once", "", "; ".join(said)])
    if absent:
        kinds = Counter(str(row[0]) for row in facts.lines)
        lines = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "none"
        told.append(["B", "other kinds of line", "", f"its lines: {lines}"])
    return sorted(told, key=lambda row: row[0])


def held(name: str, facts: Facts) -> str:
    """What speaks for a class that holds: the same figures that would speak against it."""
    if name == "commission_base":
        return _of_each_commission(facts, _held_commission_base)
    return REASONS[name](facts) if name in REASONS else "a line of that kind"


def _currency(facts: Facts) -> str:
    stated = sorted({str(row[3]) for row in facts.lines})
    return f"lines in {', '.join(stated) or 'no currency'}, order in {facts.currency or '?'}"


def _ambiguous(facts: Facts) -> str:
    candidates = max((int(row[5] or 0) for row in facts.lines), default=0)
    methods = sorted({str(row[4]) for row in facts.lines})
    return f"{_count(candidates, 'order fits', 'orders fit')} by {', '.join(methods) or 'no way'}"


def _duplicate(facts: Facts) -> str:
    nets = [int(row[1]) for row in facts.lines if row[0] in ("sale", "cancellation")]
    sales, reversals = sum(net > 0 for net in nets), sum(net < 0 for net in nets)
    return f"{_count(sales, 'sale', 'sales')} less {_count(reversals, 'reversal', 'reversals')}"


def _wrong_store(facts: Facts) -> str:
    stores = sorted({str(row[2]) for row in facts.lines if row[2] is not None})
    return f"lines of {', '.join(stores) or 'no known store'}, order of {facts.store or 'no known store'}"


def _missing_in_orders(facts: Facts) -> str:
    return "its document is known" if facts.has_document else "no document is known"


def _cancelled_paid(facts: Facts) -> str:
    return f"status {facts.status or '?'}, expected {money(facts.expected)}"


def _cancelled_unpaid(facts: Facts) -> str:
    return f"status {facts.status or '?'}, {_count(len(facts.lines), 'line', 'lines')}"


def _not_stated(facts: Facts) -> str:
    return f"{_count(len(facts.lines), 'line', 'lines')} of it; {facts.settlement}, due {facts.due}"


def _promotion(facts: Facts) -> str:
    return f"discounts and funding: {facts.beside(*DISCOUNTS)}"


def _fee(charge_type: str, facts: Facts) -> str:
    if charge_type not in facts.fees:
        return f"{charge_type.replace('_', ' ')}: {facts.beside(charge_type)}"
    _, rate, base, base_cents, fixed, agreed, stated, *_ = facts.fees[charge_type]
    fixed_text = f" and {money(int(fixed))}" if fixed else ""
    return (
        f"{rate_text(rate)} of {money(int(base_cents))} ({base}){fixed_text} is {money(-int(agreed))}, "
        f"stated {money(-int(stated))}"
    )


def _of_each_commission(facts: Facts, tell: Callable[[str, Facts], str]) -> str:
    """What is told of the commission and, where the order has one, of the delivery commission."""
    told = [tell("commission", facts)]
    if "delivery_commission" in facts.fees:
        told.append(f"delivery commission: {tell('delivery_commission', facts)}")
    return "; ".join(told)


def _commission_rate(facts: Facts) -> str:
    return _of_each_commission(facts, _fee)


def _commission_base(facts: Facts) -> str:
    return _of_each_commission(facts, _tried_commission_base)


def _tried_commission_base(charge_type: str, facts: Facts) -> str:
    text = _fee(charge_type, facts)
    row = facts.fees.get(charge_type)
    if row is None or row[5] == row[6]:
        return text
    if row[7] is None:
        return f"{text}; no habit of the store explains it"
    return f"{text}; the store is charged {rate_text(row[8])} of {row[7]}"


def _held_commission_base(charge_type: str, facts: Facts) -> str:
    row = facts.fees.get(charge_type)
    if row is None or row[5] == row[6] or row[7] is not None:
        return _tried_commission_base(charge_type, facts)
    return f"{_fee(charge_type, facts)}, which is the rate of another base of the order"


def _residual(label: str, *charge_types: str) -> Callable[[Facts], str]:
    return lambda facts: f"{label}: {facts.beside(*charge_types)}"


def _rounding(facts: Facts) -> str:
    text = f"the commission is {money(facts.residual('commission'))} off"
    delivery = facts.residual("delivery_commission")
    return f"{text}, the delivery commission {money(delivery)}" if delivery else text


def _unverified(facts: Facts) -> str:
    unknown = sorted(name for name, row in facts.components.items() if row[4])
    if not unknown:
        return "all that is expected is known"
    is_open = any(row[5] for row in facts.components.values())
    said_last = f"its last document says {facts.status}: " if is_open else ""
    return f"{said_last}nobody can know {', '.join(unknown)}"


def _unexplained(facts: Facts) -> str:
    return "no class before it takes these cents"


def _all_in_its_currency(facts: Facts) -> str | None:
    return f"all in {facts.currency}" if {row[3] for row in facts.lines} <= {facts.currency} else None


def _one_candidate(facts: Facts) -> str | None:
    return "one order fits" if {int(row[5] or 0) for row in facts.lines} <= {1} else None


def _all_of_its_store(facts: Facts) -> str | None:
    return "all of its store" if {row[2] for row in facts.lines} <= {facts.store} else None


def _document_known(facts: Facts) -> str | None:
    return "its document is known" if facts.has_document else None


def _is_stated(facts: Facts) -> str | None:
    return "it is stated" if any(row[0] in ("sale", "cancellation") for row in facts.lines) else None


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


REASONS: Mapping[str, Callable[[Facts], str]] = {
    "currency_mismatch": _currency,
    "ambiguous": _ambiguous,
    "duplicate": _duplicate,
    "wrong_store": _wrong_store,
    "missing_in_orders": _missing_in_orders,
    "cancelled_paid": _cancelled_paid,
    "cancelled_unpaid": _cancelled_unpaid,
    "statement_not_loaded": _not_stated,
    "missing_in_statement": _not_stated,
    "promotion_funding": _promotion,
    "commission_rate": _commission_rate,
    "commission_base": _commission_base,
    "processing_fee": partial(_fee, "processing_fee"),
    "tax_treatment": _residual("tax and tax withheld", *TAXES),
    "tip": _residual("tip", "tip"),
    "tax_rounding": _residual("tax and tax withheld", *TAXES),
    "rounding": _rounding,
    "remainder": _residual("stated net less its components", "remainder"),
    "unverified": _unverified,
    "unexplained": _unexplained,
}

# What is ruled out at a glance, and by what; null where it takes figures.
PLAIN: Mapping[str, Callable[[Facts], str | None]] = {
    "currency_mismatch": _all_in_its_currency,
    "ambiguous": _one_candidate,
    "wrong_store": _all_of_its_store,
    "missing_in_orders": _document_known,
    "cancelled_unpaid": _is_stated,
    "statement_not_loaded": _is_stated,
    "missing_in_statement": _is_stated,
}

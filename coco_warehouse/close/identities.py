"""The identities of the reconciliation, read from the marts with their figures.

Source of the rules: the laws in tests/laws, which hold the same by order, line, payout, deposit and entry.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Identity:
    """An identity: the figures of `left` add up to those of `right`.

    `query` gives legal entity, platform, currency, name of the figure and cents. It takes the month's first day as
    its parameter where `is_of_month`; else it speaks of all that is known by the close.
    """

    name: str
    says: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    query: str
    is_of_month: bool = False


@dataclass(frozen=True)
class Proof:
    """An identity in one legal entity, platform and currency; amounts in cents, `difference_cents` 0 where it holds."""

    identity: Identity
    legal_entity: str
    platform: str
    currency_code: str
    figures: Mapping[str, int]

    @property
    def difference_cents(self) -> int:
        """What the left side is more than the right."""
        return sum(self.figures[name] for name in self.identity.left) - sum(
            self.figures[name] for name in self.identity.right
        )


def _by_figure(relation: str, figures: Mapping[str, str], condition: str = "", platform: str = "platform") -> str:
    """A query that gives a row for each figure of each book of a relation."""
    return " union all ".join(
        f"select legal_entity, {platform}, currency_code, '{figure}', cast(sum({cents}) as bigint)"
        f" from {relation} {condition} group by legal_entity, {platform}, currency_code"
        for figure, cents in figures.items()
    )


# All that names an order is in the books that it was earned in; another line in those of the payee of its store.
_CHARGES = """
    select
        orders.legal_entity, charges.platform, charges.currency_code, '{figure}',
        cast(sum(charges.{cents}) as bigint)
    from {{marts}}.{relation} as charges
    left join {{intermediate}}.int_order_books as orders on charges.order_id = orders.order_id
    where charges.order_id is not null
    group by orders.legal_entity, charges.platform, charges.currency_code
"""
_LINE_CHARGES = """
    select
        lines.legal_entity, charges.platform, charges.currency_code, '{figure}',
        cast(sum(charges.{cents}) as bigint)
    from {{marts}}.{relation} as charges
    left join {{intermediate}}.int_line_books as lines on charges.statement_line_id = lines.statement_line_id
    where charges.order_id is null
    group by lines.legal_entity, charges.platform, charges.currency_code
"""
_EXPECTED_AND_STATED = " union all ".join(
    [
        _CHARGES.format(figure="stated", cents="stated_cents", relation="stated_charges"),
        _LINE_CHARGES.format(figure="stated", cents="stated_cents", relation="stated_charges"),
        _CHARGES.format(figure="not yet stated", cents="not_yet_stated_cents", relation="order_reconciliation"),
        _CHARGES.format(figure="expected", cents="expected_cents", relation="expected_charges"),
        _CHARGES.format(figure="claims", cents="claimed_cents", relation="reconciliation_claims"),
        _LINE_CHARGES.format(figure="claims", cents="claimed_cents", relation="reconciliation_claims"),
    ]
)

_LINES = """(
    select books.legal_entity, lines.statement_platform, lines.currency_code, lines.settlement_state, lines.stated_cents
    from {marts}.statement_lines as lines
    left join {intermediate}.int_line_books as books on lines.statement_line_id = books.statement_line_id
) as lines"""

# Of the two breaks of a deposit at the wrong account one is the payout's and one the deposit's.
_LACKING = """
    select payouts.legal_entity, payouts.platform, payouts.currency_code, 'missing and short',
        cast(-sum(breaks.break_cents) as bigint)
    from {marts}.deposit_breaks as breaks
    inner join {marts}.payouts as payouts on breaks.payout_id = payouts.payout_id
    left join {marts}.deposits as deposits on breaks.deposit_id = deposits.deposit_id
    where
        payouts.is_traced
        and (
            breaks.break_class in ('missing_deposit', 'short_deposit')
            or (
                breaks.break_class = 'wrong_account_deposit'
                and breaks.bank_account_id is distinct from deposits.bank_account_id
            )
        )
    group by payouts.legal_entity, payouts.platform, payouts.currency_code
"""
_BEYOND = """
    select deposits.legal_entity, deposits.platform, deposits.currency_code, 'not due',
        cast(sum(breaks.break_cents) as bigint)
    from {marts}.deposit_breaks as breaks
    inner join {marts}.deposits as deposits on breaks.deposit_id = deposits.deposit_id
    where
        breaks.break_class in ('over_deposit', 'duplicate_deposit', 'unexpected_deposit')
        or (breaks.break_class = 'wrong_account_deposit' and breaks.bank_account_id = deposits.bank_account_id)
    group by deposits.legal_entity, deposits.platform, deposits.currency_code
"""

_OF_MONTH = "where period_month_date = %s"

IDENTITIES = (
    Identity(
        "I1",
        "What is stated and not yet stated is what is expected and claimed.",
        ("stated", "not yet stated"),
        ("expected", "claims"),
        _EXPECTED_AND_STATED,
    ),
    Identity(
        "I2",
        "What is stated is settled, pending or overdue.",
        ("stated",),
        ("settled", "pending", "overdue"),
        _by_figure(
            _LINES,
            {
                "stated": "stated_cents",
                "settled": "case when settlement_state not in ('pending', 'overdue') then stated_cents else 0 end",
                "pending": "case when settlement_state = 'pending' then stated_cents else 0 end",
                "overdue": "case when settlement_state = 'overdue' then stated_cents else 0 end",
            },
            platform="statement_platform",
        ),
    ),
    Identity(
        "I3",
        "The lines of payouts and what they carry in are due, or carried on.",
        ("lines of payouts", "carried in"),
        ("due", "carried out"),
        _by_figure(
            "{marts}.payouts",
            {
                "lines of payouts": "stated_cents",
                "carried in": "carry_in_cents",
                "due": "due_cents",
                "carried out": "carry_out_cents",
            },
        ),
    ),
    Identity(
        "I4",
        "What is due of payouts that can be traced is deposited, in transit, missing or short.",
        ("due",),
        ("deposited", "in transit", "missing and short"),
        _by_figure(
            "{marts}.payouts",
            {"due": "due_cents", "deposited": "deposited_cents", "in transit": "in_transit_cents"},
            "where is_traced",
        )
        + " union all "
        + _LACKING,
    ),
    Identity(
        "I4, bank",
        "What the bank has pays payouts, or was not due.",
        ("at the bank",),
        ("pays payouts", "not due"),
        _by_figure("{marts}.deposits", {"at the bank": "deposited_cents", "pays payouts": "allocated_cents"})
        + " union all "
        + _BEYOND,
    ),
    Identity(
        "R1",
        "Clearing: what platforms owe goes on from the month's opening to its closing.",
        ("opening", "expected", "claims booked", "payouts", "written off"),
        ("closing",),
        _by_figure(
            "{marts}.clearing_rollforward",
            {
                "opening": "opening_cents",
                "expected": "expected_cents",
                "claims booked": "claims_booked_cents",
                "payouts": "-payouts_cents",
                "written off": "-written_off_cents",
                "closing": "closing_cents",
            },
            _OF_MONTH,
        ),
        is_of_month=True,
    ),
    Identity(
        "R2",
        "Exceptions: what is open goes on from the month's opening to its closing.",
        ("opening", "new", "remeasured", "cleared", "written off"),
        ("closing",),
        _by_figure(
            "{marts}.reconciliation_rollforward",
            {
                "opening": "opening_cents",
                "new": "new_cents",
                "remeasured": "remeasured_cents",
                "cleared": "-cleared_cents",
                "written off": "-written_off_cents",
                "closing": "closing_cents",
            },
            _OF_MONTH,
        ),
        is_of_month=True,
    ),
    Identity(
        "R3",
        "Transit: what platforms have paid out and the bank has not goes on from the month's opening to its closing.",
        ("opening", "due", "deposited", "written off"),
        ("closing",),
        _by_figure(
            "{marts}.transit_rollforward",
            {
                "opening": "opening_cents",
                "due": "due_cents",
                "deposited": "-deposited_cents",
                "written off": "-written_off_cents",
                "closing": "closing_cents",
            },
            _OF_MONTH,
        ),
        is_of_month=True,
    ),
    Identity(
        "Journal",
        "Debits of the month are its credits.",
        ("debits",),
        ("credits",),
        _by_figure(
            "{marts}.journal_entries",
            {"debits": "debit_cents", "credits": "credit_cents"},
            _OF_MONTH,
            "cast(null as text)",
        ),
        is_of_month=True,
    ),
)


def parameters(identity: Identity, month: date) -> list[object]:
    """Parameters of an identity's query: the month for each place that asks for it."""
    return [month] * identity.query.count("%s")


def proofs(identity: Identity, rows: Iterable[Row]) -> Sequence[Proof]:
    """Arrange the rows of an identity's query: a proof for each book, in order of entity, platform and currency."""
    books: dict[tuple[str, str, str], dict[str, int]] = defaultdict(
        lambda: dict.fromkeys((*identity.left, *identity.right), 0)
    )
    for entity, platform, currency, figure, cents in rows:
        books[entity or "", platform or "", currency or ""][figure] += int(cents or 0)
    return [Proof(identity, *book, figures=figures) for book, figures in sorted(books.items())]

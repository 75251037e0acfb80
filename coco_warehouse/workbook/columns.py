"""The sheets of the workbook: which columns of which mart they show, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from coco_warehouse.aging import aging_bucket

Kind = Literal["text", "money", "count", "date", "rate", "link", "fill_in"]


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its heading, the column of the query that it shows, and what that holds.

    money is cents, rate is basis points; a `fill_in` column is left blank for people.
    """

    heading: str
    name: str
    kind: Kind = "text"
    width: int = 16


@dataclass(frozen=True)
class SheetPlan:
    """A sheet: its name (that of its table too), the mart that it needs, and what it is filled with.

    `fields` are expressions by the name of the field that they give; `source` is the rest of the query. In both
    `{marts}` and `{reference}` are schemas, and each `?` is the first day of the period.
    """

    name: str
    mart: str
    fields: Mapping[str, str]
    source: str
    columns: Sequence[Column]

    @property
    def query(self) -> str:
        """The query that fills it."""
        selected = ", ".join(f"{expression} as {name}" for name, expression in self.fields.items())
        return f"select {selected} {self.source}"

    @property
    def table(self) -> str:
        """Name of the sheet's table in formulas."""
        return self.name.replace(" ", "_").replace("-", "")

    def position(self, name: str) -> int:
        """Place of a column, from 0."""
        return [column.name for column in self.columns].index(name)


def _same(alias: str, *names: str) -> dict[str, str]:
    """Fields that keep the names of their columns."""
    return {name: f"{alias}.{name}" for name in names}


BOOKS = (
    Column("Legal entity", "legal_entity", width=18),
    Column("Merchant", "merchant", width=24),
    Column("Platform", "platform", width=11),
    Column("Currency", "currency_code", width=9),
)


def _known(*names: str) -> dict[str, str]:
    """Fields of an exception as it stands, or as it was closed where its cause is gone since."""
    return {name: f"coalesce(exceptions.{name}, closed.{name})" for name in names}


_DUE = "coalesce(closed.due_date, exceptions.due_date)"
# What is open at the end of the period, and what was then and is resolved by now: both tie to the roll-forward. Ages
# are those of the certificate, whenever the marts were built.
EXCEPTIONS = SheetPlan(
    "exceptions",
    "reconciliation_exceptions",
    {
        **_same("balances", "exception_id", "closing_cents"),
        **_known("platform", "legal_entity", "currency_code", "subject_type", "merchant_id"),
        **_same("exceptions", "posting_date", "dispute_deadline_date", "next_step"),
        "order_id": "coalesce(exceptions.order_id, case when closed.subject_type = 'order' then closed.subject_id end)",
        "payout_id": (
            "coalesce(exceptions.payout_id, case when closed.subject_type = 'payout' then closed.subject_id end)"
        ),
        "due_date": _DUE,
        "age_days": f"periods.last_day - {_DUE}",
        "aging_bucket": f"coalesce(closed.aging_bucket, {aging_bucket(f'periods.last_day - {_DUE}')})",
        "status": "coalesce(exceptions.status, 'resolved')",
        "open_cents": "coalesce(exceptions.open_cents, 0)",
        "break_class_name": "classes.break_class_name",
        "store": "stores.store_name",
        "merchant": "coalesce(merchants.merchant_name, exceptions.merchant_id, closed.merchant_id)",
        "readable_order_number": "orders.readable_order_number",
        # What `coco explain` takes; of a line that names no order, where it stands.
        "about": (
            "case coalesce(exceptions.subject_type, closed.subject_type)"
            " when 'order' then coalesce(orders.platform_order_id, exceptions.order_id, closed.subject_id)"
            " when 'statement_line' then coalesce("
            "lines.platform_order_id, lines.source_file_name || ', row ' || cast(lines.source_row_number as varchar))"
            " when 'payout' then coalesce(payouts.payout_reference, exceptions.payout_id, closed.subject_id)"
            " when 'deposit' then coalesce(deposits.bank_transaction_id, exceptions.deposit_id, closed.subject_id)"
            " end"
        ),
        "current_owner": "coalesce(exceptions.owner, closed.owner)",
    },
    """
    from (
        select exception_id, max(store_id) as store_id, cast(sum(movement_cents) as bigint) as closing_cents
        from {marts}.exception_movements
        where period_month_date <= ?
        group by exception_id
    ) as balances
    cross join (
        select cast(cast(? as date) + interval '1 month' - interval '1 day' as date) as last_day
    ) as periods
    left join {marts}.reconciliation_exceptions as exceptions on balances.exception_id = exceptions.exception_id
    left join {marts}.closed_exceptions as closed
        on balances.exception_id = closed.exception_id and closed.period_month_date = ?
    left join {reference}.break_classes as classes
        on coalesce(exceptions.break_class, closed.break_class) = classes.break_class
    left join {marts}.stores as stores on balances.store_id = stores.store_id
    left join {marts}.merchants as merchants
        on coalesce(exceptions.merchant_id, closed.merchant_id) = merchants.merchant_id
    left join {marts}.orders as orders on exceptions.order_id = orders.order_id
    left join {marts}.statement_lines as lines on exceptions.statement_line_id = lines.statement_line_id
    left join {marts}.payouts as payouts on exceptions.payout_id = payouts.payout_id
    left join {marts}.deposits as deposits on exceptions.deposit_id = deposits.deposit_id
    where balances.closing_cents <> 0 or exceptions.open_cents <> 0
    order by abs(coalesce(exceptions.open_cents, 0)) desc, balances.exception_id
    """,
    (
        Column("Exception id", "exception_id", width=34),
        Column("Period", "period", width=9),
        Column("Class", "break_class_name", width=22),
        *BOOKS,
        Column("Store", "store", width=28),
        Column("Order number", "readable_order_number", width=14),
        Column("About", "about", width=30),
        Column("Counts for", "posting_date", "date", 11),
        Column("Due", "due_date", "date", 11),
        Column("Age in days", "age_days", "count", 10),
        Column("Age", "aging_bucket", width=9),
        Column("Dispute until", "dispute_deadline_date", "date", 12),
        Column("Status", "status", width=11),
        Column("Current owner", "current_owner", width=14),
        Column("Next step", "next_step", width=40),
        Column("Dashboard", "link", "link", 10),
        Column("Closing amount", "closing_cents", "money", 15),
        Column("Open amount", "open_cents", "money", 15),
        Column("Resolution code", "resolution_code", "fill_in", 16),
        Column("Reason", "reason", "fill_in", 36),
        Column("Resolved by", "resolved_by", "fill_in", 16),
        Column("Evidence reference", "evidence_reference", "fill_in", 24),
        Column("Owner", "owner", "fill_in", 14),
    ),
)


def _rollforward(name: str, mart: str, moves: Sequence[Column]) -> SheetPlan:
    """The sheet of one of the roll-forwards, which share their keys and their balances."""
    amounts = ("opening_cents", *(column.name for column in moves), "closing_cents")
    return SheetPlan(
        name,
        mart,
        {
            **_same("rolled", "legal_entity", "platform", "currency_code", *amounts),
            "merchant": "coalesce(merchants.merchant_name, rolled.merchant_id)",
        },
        f"""
        from {{marts}}.{mart} as rolled
        left join {{marts}}.merchants as merchants on rolled.merchant_id = merchants.merchant_id
        where rolled.period_month_date = ?
        order by rolled.currency_code, rolled.legal_entity, merchant, rolled.platform
        """,
        (
            *BOOKS,
            Column("Opening", "opening_cents", "money"),
            *moves,
            Column("Closing", "closing_cents", "money"),
        ),
    )


ROLLFORWARD = _rollforward(
    "roll-forward",
    "reconciliation_rollforward",
    (
        Column("New", "new_cents", "money"),
        Column("Remeasured", "remeasured_cents", "money"),
        Column("Cleared", "cleared_cents", "money"),
        Column("Written off", "written_off_cents", "money"),
    ),
)
CLEARING = _rollforward(
    "clearing",
    "clearing_rollforward",
    (
        Column("Expected", "expected_cents", "money"),
        Column("Claims booked", "claims_booked_cents", "money"),
        Column("Payouts", "payouts_cents", "money"),
        Column("Written off", "written_off_cents", "money"),
    ),
)
TRANSIT = _rollforward(
    "transit",
    "transit_rollforward",
    (
        Column("Due", "due_cents", "money"),
        Column("Deposited", "deposited_cents", "money"),
        Column("Written off", "written_off_cents", "money"),
    ),
)
# Which movements lower a balance.
LOWERING = frozenset(("cleared_cents", "written_off_cents", "payouts_cents", "deposited_cents"))
ROLLFORWARDS = (ROLLFORWARD, CLEARING, TRANSIT)

FEE_AUDIT = SheetPlan(
    "fee audit",
    "fee_audit",
    {
        **_same("audit", "platform", "currency_code", "pay_period_start_date", "charge_type", "fee_state"),
        **_same("audit", "fee_schedule_id", "agreed_base", "agreed_rate_bps", "charged_base", "charged_rate_bps"),
        **_same("audit", "order_count", "agreed_order_count", "agreed_cents", "stated_cents", "difference_cents"),
        "store": "stores.store_name",
        "merchant": "coalesce(merchants.merchant_name, audit.merchant_id)",
    },
    """
    from {marts}.fee_audit as audit
    left join {marts}.stores as stores on audit.store_id = stores.store_id
    left join {marts}.merchants as merchants on audit.merchant_id = merchants.merchant_id
    where cast(date_trunc('month', audit.pay_period_start_date) as date) = ?
    order by abs(audit.difference_cents) desc, audit.fee_audit_id
    """,
    (
        Column("Platform", "platform", width=11),
        Column("Store", "store", width=28),
        Column("Merchant", "merchant", width=24),
        Column("Currency", "currency_code", width=9),
        Column("Pay period from", "pay_period_start_date", "date", 14),
        Column("Fee", "charge_type", width=18),
        Column("Finding", "fee_state", width=20),
        Column("Schedule", "fee_schedule_id", width=28),
        Column("Agreed base", "agreed_base", width=26),
        Column("Agreed rate", "agreed_rate_bps", "rate", 11),
        Column("Charged base", "charged_base", width=26),
        Column("Charged rate", "charged_rate_bps", "rate", 12),
        Column("Orders", "order_count", "count", 9),
        Column("As agreed", "agreed_order_count", "count", 10),
        Column("By schedule", "agreed_cents", "money"),
        Column("Stated", "stated_cents", "money"),
        Column("Difference", "difference_cents", "money"),
    ),
)
JOURNAL = SheetPlan(
    "journal",
    "journal_entries",
    {
        **_same("entries", "legal_entity", "entry_number", "line_number", "entry_date", "entry_type", "account_code"),
        **_same("entries", "account_name", "description", "platform", "currency_code", "debit_cents", "credit_cents"),
        **_same("entries", "source_id"),
    },
    """
    from {marts}.journal_entries as entries
    where period_month_date = ?
    order by legal_entity, entry_number, line_number
    """,
    (
        Column("Legal entity", "legal_entity", width=18),
        Column("Entry", "entry_number", width=22),
        Column("Line", "line_number", "count", 6),
        Column("Date", "entry_date", "date", 11),
        Column("Kind", "entry_type", width=12),
        Column("Account", "account_code", width=10),
        Column("Account name", "account_name", width=24),
        Column("Description", "description", width=48),
        Column("Platform", "platform", width=11),
        Column("Currency", "currency_code", width=9),
        Column("Debit", "debit_cents", "money"),
        Column("Credit", "credit_cents", "money"),
        Column("Source", "source_id", width=36),
    ),
)
HISTORY = SheetPlan(
    "history",
    "exception_history",
    {
        **_same("history", "exception_id", "resolution_date", "resolution_code_name", "resolved_by", "reason"),
        **_same("history", "evidence_reference", "owner", "platform", "currency_code", "amount_cents"),
        **_same("history", "resolved_cents", "written_off_cents", "source_file_name", "source_row_number"),
    },
    """
    from {marts}.exception_history as history
    where cast(date_trunc('month', resolution_date) as date) = ?
    order by resolution_date, exception_id, resolution_number
    """,
    (
        Column("Exception id", "exception_id", width=34),
        Column("Counts for", "resolution_date", "date", 11),
        Column("Resolution", "resolution_code_name", width=14),
        Column("Resolved by", "resolved_by", width=18),
        Column("Reason", "reason", width=40),
        Column("Evidence reference", "evidence_reference", width=24),
        Column("Owner", "owner", width=14),
        Column("Platform", "platform", width=11),
        Column("Currency", "currency_code", width=9),
        Column("Amount", "amount_cents", "money"),
        Column("Resolved", "resolved_cents", "money"),
        Column("Written off", "written_off_cents", "money"),
        Column("File", "source_file_name", width=34),
        Column("Row", "source_row_number", "count", 8),
    ),
)
# In this order; of each only where its mart is built.
SHEETS = (EXCEPTIONS, HISTORY, ROLLFORWARD, CLEARING, TRANSIT, FEE_AUDIT, JOURNAL)

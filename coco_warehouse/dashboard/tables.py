"""The tables of the dashboard: which columns each shows, and how a page of one is filtered, sorted and counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, DecimalException
from typing import Any, Literal

from coco_warehouse.dashboard import display, queries
from coco_warehouse.dashboard.reader import Parameters, Reading, Record, RequestError

Kind = Literal["text", "code", "state", "money", "count", "rate", "day", "moment", "duration"]
NUMBERS = frozenset({"money", "count", "rate", "duration"})
DAYS = frozenset({"day", "moment"})


@dataclass(frozen=True)
class Column:
    """A column of a table: `name` is that of its query, `link` the page that a cell leads to and `link_key` its key."""

    name: str
    heading: str
    kind: Kind = "text"
    link: str | None = None
    link_key: str | None = None
    width: int = 140


@dataclass(frozen=True)
class Table:
    """A query shown as a table. `scope` names the parameters that a page gives; `key`, the columns that no two rows
    share, makes the order complete; `file_columns` are in downloads alone, after the others."""

    title: str
    query: str
    columns: Sequence[Column]
    scope: Sequence[str]
    order: Sequence[tuple[str, Literal["asc", "desc"]]]
    key: str
    file_columns: Sequence[Column] = ()


AMOUNTS = [
    Column("expected_cents", "Expected", "money"),
    Column("not_yet_stated_cents", "Awaited", "money", width=135),
    Column("stated_cents", "Stated", "money"),
    Column("settled_cents", "Paid", "money"),
    Column("variance_cents", "Variance", "money", width=135),
]
MERCHANT = Column("merchant_name", "Merchant", link="merchant", link_key="merchant_id", width=180)
PLATFORM = Column("platform_name", "Platform", width=135)
CURRENCY = Column("currency_code", "Currency", width=120)
LINE_COLUMNS = [
    Column("posting_date", "Posted", "day", width=130),
    Column("line_type", "Type", "code", width=135),
    Column("platform_order_id", "Order", link="order", link_key="order_key", width=180),
    Column("description", "Description", width=200),
    Column("settlement_state", "Settlement", "state", width=145),
    Column("stated_cents", "Stated", "money"),
    CURRENCY,
    Column("payout_id", "Payout", link="payout", link_key="payout_id", width=220),
    Column("source_file_name", "File", width=260),
    Column("source_row_number", "Row", "count", width=100),
]

TABLES: Mapping[str, Table] = {
    "merchants": Table(
        "Merchants",
        queries.MERCHANTS,
        [
            MERCHANT,
            Column("order_count", "Orders", "count", width=110),
            Column("matched_order_count", "Matched", "count", width=118),
            *AMOUNTS,
            CURRENCY,
        ],
        ("currency", "platform", "since"),
        [("expected_cents", "desc")],
        "merchant_id",
    ),
    "pay_periods": Table(
        "Pay periods",
        queries.PAY_PERIODS,
        [
            Column("pay_period_start_date", "From", "day", "pay-period", "merchant_reconciliation_id", width=120),
            Column("pay_period_end_date", "To", "day", width=130),
            PLATFORM,
            Column("order_count", "Orders", "count", width=110),
            Column("matched_order_count", "Matched", "count", width=118),
            *AMOUNTS,
            CURRENCY,
        ],
        ("currency", "platform", "merchant", "pay_period"),
        [("pay_period_start_date", "desc"), ("platform", "asc")],
        "merchant_reconciliation_id",
    ),
    "orders": Table(
        "Orders",
        queries.ORDERS,
        [
            Column("platform_order_id", "Order", link="order", link_key="reconciliation_id", width=190),
            Column("order_date", "Day", "day", width=130),
            Column("settlement_state", "Settlement", "state", width=145),
            Column("order_status", "Status", "code", width=130),
            *AMOUNTS,
            CURRENCY,
            Column("due_date", "Due", "day", width=130),
            Column("match_method", "Matched by", "code", width=160),
        ],
        ("pay_period", "merchant", "platform", "currency"),
        [("order_date", "desc")],
        "reconciliation_id",
    ),
    "payout_lines": Table(
        "Statement lines",
        queries.PAYOUT_LINES,
        LINE_COLUMNS,
        ("payout",),
        [("posting_date", "desc")],
        "statement_line_id",
    ),
    "other_lines": Table(
        "Lines that name no order",
        queries.LINES_WITHOUT_ORDER,
        LINE_COLUMNS,
        ("pay_period",),
        [("posting_date", "desc")],
        "statement_line_id",
    ),
    "payouts": Table(
        "Payouts",
        queries.PAYOUTS,
        [
            Column("payout_reference", "Payout", link="payout", link_key="payout_id", width=210),
            Column("payout_date", "Paid on", "day", width=130),
            Column("payout_state", "State", "state", width=150),
            PLATFORM,
            MERCHANT,
            Column("stated_cents", "Lines", "money"),
            Column("carry_in_cents", "Carried in", "money", width=135),
            Column("due_cents", "Due", "money"),
            Column("deposited_cents", "Deposited", "money"),
            Column("in_transit_cents", "In transit", "money", width=135),
            CURRENCY,
            Column("due_date", "Due on", "day", width=130),
            Column("bank_account_id", "Bank account", width=170),
        ],
        ("payout", "merchant", "platform", "currency", "state"),
        [("payout_date", "desc")],
        "payout_id",
    ),
    "exceptions": Table(
        "Exceptions",
        queries.EXCEPTIONS,
        [
            Column("break_class_name", "Class", width=170),
            Column("open_cents", "Open", "money", width=135),
            Column("age_days", "Age, days", "count", width=120),
            Column("status", "Status", "state", width=135),
            MERCHANT,
            Column("subject_id", "About", link="subject", link_key="subject", width=200),
            Column("subject_type", "What", "code", width=130),
            Column("platform", "Platform", "code", width=130),
            Column("exception_cents", "Amount", "money", width=135),
            CURRENCY,
            Column("due_date", "Due", "day", width=130),
            Column("dispute_deadline_date", "Dispute by", "day", width=135),
            Column("owner", "Owner", width=135),
            Column("next_step", "Next step", width=320),
            Column("first_seen_date", "First seen", "day", width=135),
        ],
        ("currency", "platform", "merchant", "break_class", "aging", "status", "payout"),
        [("age_days", "desc"), ("exception_cents", "asc")],
        "exception_id",
        [Column("exception_id", "Exception", width=270)],
    ),
    "stores": Table(
        "Stores",
        queries.MERCHANT_STORES,
        [
            Column("store_name", "Store", width=220),
            PLATFORM,
            CURRENCY,
            Column("day_count", "Days with sales", "count"),
            Column("missing_day_count", "Days missing", "count"),
            Column("pending_day_count", "Days pending", "count"),
            Column("last_covered_date", "Covered up to", "day"),
            Column("store_id", "Store id", width=240),
        ],
        ("merchant",),
        [("missing_day_count", "desc"), ("store_name", "asc")],
        "store_id",
    ),
    "integrations": Table(
        "Integrations",
        queries.INTEGRATIONS,
        [
            Column("health_state", "Health", "state", width=240),
            Column("merchant_name", "Merchant", link="merchant", link_key="merchant_id", width=180),
            Column("integration_source", "Source", "code", width=130),
            Column("health_reason", "Why", width=300),
            Column("quiet_seconds", "Quiet for", "duration", width=125),
            Column("silence_limit_seconds", "Silent after", "duration", width=135),
            Column("order_count_7d", "Orders, 7 d", "count", width=130),
            Column("delivery_count_7d", "Deliveries, 7 d", "count", width=145),
            Column("failed_request_count_7d", "Failed calls, 7 d", "count", width=155),
            Column("error_rate_7d_bps", "Error rate", "rate", width=125),
            Column("fallback_rate_30d_bps", "Fall-back, 30 d", "rate", width=145),
            Column("last_order_at", "Last order, UTC", "moment", width=155),
        ],
        ("merchant", "health"),
        [("urgency", "asc"), ("merchant_name", "asc"), ("integration_source", "asc")],
        "merchant_id, integration_source",
    ),
    "anomalies": Table(
        "Anomalies",
        queries.ANOMALIES,
        [
            Column("occurred_at", "When, UTC", "moment", width=170),
            Column("anomaly", "What", "code", width=200),
            Column("anomaly_reason", "Why", width=320),
            MERCHANT,
            Column("integration_source", "Source", "code", width=130),
            Column("delivery_id", "Delivery", link="delivery", link_key="delivery_id", width=300),
            Column("entity_type", "On", "code", width=150),
            Column("entity_id", "Its id", width=300),
        ],
        ("merchant",),
        [("occurred_at", "desc")],
        "anomaly_id",
    ),
    "deliveries": Table(
        "Deliveries",
        queries.DELIVERIES,
        [
            Column("created_at", "Made, UTC", "moment", link="delivery", link_key="delivery_id", width=170),
            Column("delivery_status", "Status", "code", width=135),
            MERCHANT,
            Column("integration_source", "Source", "code", width=130),
            Column("attempt_count", "Attempts", "count", width=120),
            Column("last_provider", "Last provider", "code", width=145),
            Column("delivery_id", "Delivery", link="delivery", link_key="delivery_id", width=300),
        ],
        ("merchant", "source"),
        [("created_at", "desc")],
        "delivery_id",
    ),
    "rejected_documents": Table(
        "Rejected order documents",
        queries.REJECTED_DOCUMENTS,
        [
            Column("received_at", "Received, UTC", "moment", width=170),
            Column("findings", "What is wrong", width=420),
            Column("order_id", "Order", width=290),
            Column("received_from", "From", "code", width=125),
            Column("source_file_name", "File", width=240),
            Column("source_row_number", "Row", "count", width=100),
        ],
        (),
        [("received_at", "desc")],
        "document_id",
    ),
    "rejected_rows": Table(
        "Rejected rows of statements and bank exports",
        queries.REJECTED_ROWS,
        [
            Column("loaded_at", "Loaded, UTC", "moment", width=170),
            Column("content_kind", "Content", "code", width=160),
            Column("findings", "What is wrong", width=400),
            Column("source_file_name", "File", width=310),
            Column("source_row_number", "Row", "count", width=100),
        ],
        (),
        [("loaded_at", "desc"), ("source_file_name", "asc"), ("source_row_number", "asc")],
        "source_file_hash, source_row_number",
    ),
    "source_files": Table(
        "Files",
        queries.SOURCE_FILES,
        [
            Column("recorded_at", "When, UTC", "moment", width=170),
            Column("file_state", "State", "state", width=125),
            Column("source_file_name", "File", width=340),
            Column("content_kind", "Content", "code", width=160),
            Column("content_format", "Format", width=220),
            Column("landed_row_count", "Rows", "count", width=118),
            Column("refusal_reason", "Why it was refused, and how to mend it", width=460),
        ],
        ("file_state",),
        [("file_state", "desc"), ("recorded_at", "desc"), ("source_file_name", "asc")],
        "source_file_hash, recorded_at",
    ),
    "missing_coverage": Table(
        "Statements that are missing",
        queries.MISSING_COVERAGE,
        [
            Column("store_name", "Store", width=220),
            MERCHANT,
            PLATFORM,
            Column("pay_period_start_date", "From", "day", width=135),
            Column("pay_period_end_date", "To", "day", width=135),
            Column("day_count", "Days", "count", width=110),
            Column("order_count", "Orders", "count", width=110),
        ],
        (),
        [("pay_period_start_date", "asc"), ("store_name", "asc")],
        "store_id, pay_period_start_date",
    ),
}

# What a column filter of the grid may ask, as SQL; `{0}` is the column, `{1}` and `{2}` the values asked for.
COMPARISONS = {
    "equals": "{0} = {1}",
    "notEqual": "({0} is null or {0} <> {1})",
    "greaterThan": "{0} > {1}",
    "greaterThanOrEqual": "{0} >= {1}",
    "lessThan": "{0} < {1}",
    "lessThanOrEqual": "{0} <= {1}",
    "inRange": "({0} >= {1} and {0} <= {2})",
}
TEXT_COMPARISONS = {
    "contains": "position({1} in {0}) > 0",
    "notContains": "({0} is null or position({1} in {0}) = 0)",
    "equals": "{0} = {1}",
    "startsWith": "position({1} in {0}) = 1",
}
BLANKS = {"blank": "({0} is null or cast({0} as varchar) = '')", "notBlank": "cast({0} as varchar) <> ''"}


def find_table(name: str) -> Table:
    """Return a table by its name; raises RequestError where there is none."""
    if name not in TABLES:
        raise RequestError(f"There is no table {name!r}.")
    return TABLES[name]


def scope_parameters(table: Table, given: Mapping[str, object]) -> dict[str, object]:
    """Return the parameters of a table's query: those given, and null for the others, which lets everything through."""
    unknown = set(given) - set(table.scope)
    if unknown:
        raise RequestError(f"The table {table.title} takes no {', '.join(sorted(unknown))}.")
    parameters: dict[str, object] = {}
    for name in table.scope:
        value = given.get(name)
        try:
            parameters[name] = date.fromisoformat(str(value)) if value and name == "since" else value
        except ValueError as error:
            raise RequestError(f"{value!r} is no day.") from error
    return parameters


@dataclass(frozen=True)
class Selection:
    """Rows of a table that are asked for: `filters` and `sorting` are those of the grid."""

    table: Table
    scope: Parameters
    filters: Mapping[str, Any]
    sorting: Sequence[Mapping[str, Any]]

    def count(self, reading: Reading) -> int:
        """Count the rows. Raises RequestError, MartsError."""
        conditions, values = self._conditions()
        row = reading.row(f"select count(*) as row_count from ({self.table.query}) as listed{conditions}", **values)
        assert row is not None
        return int(row["row_count"])

    def rows(self, reading: Reading, limit: int, offset: int = 0) -> list[Record]:
        """Fetch rows, as their query gives them. Raises RequestError, MartsError."""
        conditions, values = self._conditions()
        return reading.rows(
            f"select * from ({self.table.query}) as listed{conditions} order by {self._order()}"
            f" limit {int(limit)} offset {int(offset)}",
            **values,
        )

    def _conditions(self) -> tuple[str, dict[str, object]]:
        values: dict[str, object] = dict(self.scope)
        columns = {column.name: column for column in self.table.columns}
        parts = []
        for position, (name, asked) in enumerate(sorted(self.filters.items())):
            if name not in columns or not isinstance(asked, Mapping):
                raise RequestError(f"{self.table.title} cannot be filtered by {name!r}.")
            conditions = asked.get("conditions") or [asked]
            if not isinstance(conditions, list) or not all(isinstance(one, Mapping) for one in conditions):
                raise RequestError(f"The filter of {columns[name].heading} cannot be read.")
            for number, condition in enumerate(conditions):
                prefix = f"filter_{_letters(position)}_{_letters(number)}"
                parts.append((asked.get("operator"), position, _condition(columns[name], condition, prefix, values)))
        grouped: dict[int, list[str]] = {}
        joins: dict[int, str] = {}
        for operator, position, part in parts:
            grouped.setdefault(position, []).append(part)
            joins[position] = " or " if operator == "OR" else " and "
        clauses = ["(" + joins[position].join(found) + ")" for position, found in grouped.items()]
        return (f" where {' and '.join(clauses)}" if clauses else ""), values

    def _order(self) -> str:
        known = {column.name for column in self.table.columns} | {name for name, _ in self.table.order}
        if not all(isinstance(part, Mapping) for part in self.sorting):
            raise RequestError(f"{self.table.title} cannot be sorted so.")
        asked = [(str(part.get("colId")), str(part.get("sort"))) for part in self.sorting] or list(self.table.order)
        for name, direction in asked:
            if name not in known or direction not in ("asc", "desc"):
                raise RequestError(f"{self.table.title} cannot be sorted by {name!r} {direction!r}.")
        # The engines place nulls differently unless told; the key makes pages that follow each other complete.
        return ", ".join([*(f"{name} {direction} nulls last" for name, direction in asked), self.table.key])


def _letters(number: int) -> str:
    return chr(ord("a") + number % 26) + ("" if number < 26 else _letters(number // 26 - 1))


def _condition(column: Column, asked: Mapping[str, Any], prefix: str, values: dict[str, object]) -> str:
    kind = str(asked.get("type"))
    if kind in BLANKS:
        return BLANKS[kind].format(column.name)
    shown, comparisons = column.name, COMPARISONS
    raw = [asked.get("filter"), asked.get("filterTo")]
    if column.kind in DAYS:
        shown = f"cast({column.name} as date)"
        found: list[object] = [_day(value) for value in (asked.get("dateFrom"), asked.get("dateTo")) if value]
    elif column.kind in NUMBERS:
        found = [_number(column.kind, value) for value in raw if value is not None]
    else:
        comparisons = TEXT_COMPARISONS
        # What people see of a code is its words.
        coded = column.kind in ("code", "state")
        shown = f"lower(replace({column.name}, '_', ' '))" if coded else f"lower({column.name})"
        found = [_text(raw[0], coded)] if raw[0] is not None else []
    if kind not in comparisons or len(found) < (2 if kind == "inRange" else 1):
        raise RequestError(f"The column {column.heading} cannot be compared by {kind!r}.")
    names = []
    for number, value in enumerate(found[:2]):
        name = f"{prefix}_{_letters(number)}"
        values[name] = value
        names.append(f"${name}")
    return comparisons[kind].format(shown, *names, *([""] * (2 - len(names))))


def _text(value: object, coded: bool) -> str:
    text = str(value).replace("_", " ") if coded else str(value)
    return text.lower()


def _number(kind: Kind, value: object) -> int:
    """Turn a number as people write it into what the column holds: 12.34 is 1234 cents, 1.5 % is 150 basis points."""
    scale = {"money": 100, "rate": 100, "duration": 86_400}.get(kind, 1)
    try:
        scaled = Decimal(str(value)) * scale
        if not scaled.is_finite() or abs(scaled) >= 10**18:
            raise RequestError(f"{value!r} is no number that a column could hold.")
        return int(scaled.to_integral_value())
    except DecimalException as error:
        raise RequestError(f"{value!r} is no number.") from error


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise RequestError(f"{value!r} is no day.") from error


def shown(column: Column, value: Any) -> str:
    """Write a value as its column shows it."""
    match column.kind:
        case "money":
            return display.money(value)
        case "count":
            return display.count(value)
        case "rate":
            return display.rate(value)
        case "day":
            return display.day(value)
        case "moment":
            return display.moment(value)
        case "duration":
            return display.duration(value)
        case "code" | "state":
            return display.words(value)
        case _:
            return display.text(value)

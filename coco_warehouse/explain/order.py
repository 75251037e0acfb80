"""The story of one order, from its document to the class of every cent."""

from collections.abc import Sequence

from rich.console import Console

from coco_warehouse.explain import reasons
from coco_warehouse.explain.display import print_lines, print_table, rate_text
from coco_warehouse.load.warehouse import quoted
from coco_warehouse.marts import Row, money, query_marts
from coco_warehouse.targets import Target

RECONCILIATION = """
    select
        reconciled.order_id, reconciled.statement_order_id, reconciled.platform, reconciled.platform_order_id,
        reconciled.store_id, merchants.merchant_name, reconciled.order_status, reconciled.order_date,
        reconciled.currency_code, reconciled.match_method, reconciled.match_reason, reconciled.settlement_state,
        reconciled.due_date, reconciled.expected_cents, reconciled.not_yet_stated_cents, reconciled.stated_cents,
        reconciled.settled_cents, reconciled.variance_cents
    from {marts}.order_reconciliation as reconciled
    left join {marts}.merchants as merchants on reconciled.merchant_id = merchants.merchant_id
    where reconciled.reconciliation_id = ?
"""
DOCUMENT = """
    select document_id, schema_version, version_count, rejected_version_count, updated_at, last_received_at, total_cents
    from {marts}.orders
    where order_id = ?
"""
EXPECTED = """
    select charge_type, expectation_basis, expectation_rule, rate_bps, base_cents, fee_schedule_id, expected_cents
    from {marts}.expected_charges
    where order_id = ?
    order by charge_type
"""
LINES = """
    select
        statement_line_id, line_type, source_file_name, source_row_number, state_count, settlement_state,
        payout_id, payout_date, stated_cents
    from {marts}.statement_lines
    where order_id = ? or (order_id is null and statement_order_id = ?)
    order by posting_date, statement_line_id
"""
STATED = """
    select charges.charge_type, sum(charges.stated_cents)
    from {marts}.stated_charges as charges
    inner join {marts}.statement_lines as lines on charges.statement_line_id = lines.statement_line_id
    where lines.order_id = ? or (lines.order_id is null and lines.statement_order_id = ?)
    group by charges.charge_type
"""
CLAIMS = """
    select
        claims.charge_type, classes.code, classes.break_class_name, claims.caused_by, claims.claimed_cents,
        classes.holds_when, classes.next_step, claims.break_class
    from {marts}.reconciliation_claims as claims
    inner join {reference}.break_classes as classes on claims.break_class = classes.break_class
    left join {marts}.statement_lines as lines on claims.statement_line_id = lines.statement_line_id
    where claims.order_id = ? or (claims.order_id is null and lines.statement_order_id = ?)
    order by classes.code, claims.break_class, claims.charge_type
"""
MONEY = """
    select
        payouts.payout_id, payouts.payout_state, payouts.due_cents, payouts.due_date, coalesce(deposits.deposit_id, ''),
        deposits.posted_date, deposits.source_file_name, deposits.source_row_number, links.allocated_cents
    from {marts}.payouts as payouts
    left join {marts}.payout_deposits as links on payouts.payout_id = links.payout_id
    left join {marts}.deposits as deposits on links.deposit_id = deposits.deposit_id
    where payouts.payout_id in (
        select payout_id from {marts}.statement_lines
        where order_id = ? or (order_id is null and statement_order_id = ?)
    )
    order by payouts.payout_date, payouts.payout_id, deposits.posted_date, deposits.deposit_id
"""


def print_order(target: Target, reconciliation_id: str, console: Console) -> None:
    """Print the whole story of one order.

    Raises:
        MartsError: the warehouse cannot be reached, or its marts are not built.
    """
    names = {layer: quoted(f"{target.schema}_{layer}") for layer in ("marts", "intermediate", "reference")}
    [[head]] = query_marts(target, [(RECONCILIATION.format(**names), [reconciliation_id])])
    order_id, statement_order_id = head[0], head[1]
    of_the_order = (DOCUMENT, EXPECTED, reasons.COMPONENTS, reasons.FEES)
    of_its_lines = (LINES, STATED, CLAIMS, MONEY, reasons.LINES)
    document, expected, components, fees, lines, stated, claims, paid, kinds, classes = query_marts(
        target,
        [
            *((query.format(**names), [order_id]) for query in of_the_order),
            *((query.format(**names), [order_id, statement_order_id]) for query in of_its_lines),
            (reasons.CLASSES.format(**names), []),
        ],
    )
    _print_head(head, document, console)
    columns = ["charge", "basis", "rule", "rate", "base", "schedule", "expected"]
    print_table("What it should bring", columns, 2, [_expected_row(row) for row in expected], console)
    columns = ["line", "file", "row", "states", "settlement", "payout", "paid on", "stated"]
    print_table("What statements say", columns, 1, [_line_row(row) for row in lines], console)
    _print_variance(expected, stated, console)
    columns = ["charge", "class", "reason", "knock-on of", "amount", "holds when", "next step"]
    rows = [[row[0], row[1], row[2], row[3] or "", money(int(row[4])), row[5], row[6]] for row in claims]
    print_table("Why", columns, 0, rows, console)
    if claims:
        facts = reasons.Facts(
            has_document=bool(document), store=head[4], currency=head[8], status=head[6], expected=int(head[13] or 0),
            due=str(head[12] or "?"), settlement=head[11], lines=kinds,
            components={row[0]: row for row in components}, fees={row[0]: row for row in fees},
        )  # fmt: skip
        claimed: dict[str, int] = {}
        for row in claims:
            claimed[row[7]] = claimed.get(row[7], 0) + int(row[4])
        columns = ["class", "name", "claimed", "what speaks for it or against it"]
        print_table("What was tried, in order", columns, 3, reasons.reasons(facts, classes, claimed), console)
    columns = ["payout", "state", "due on", "amount", "deposit", "posted on", "file", "row", "allocated"]
    print_table("Where the money is", columns, 0, [_money_row(row) for row in paid], console)


def _print_head(head: Row, document: Sequence[Row], console: Console) -> None:
    (_, _, platform, platform_order_id, store, merchant, status, day, currency, method, reason, state, due) = head[:13]
    expected, awaited, stated, settled, variance = (int(cents or 0) for cents in head[13:])
    lines = [
        f"{platform} order {platform_order_id or '?'} of {day or '?'}, {merchant or 'unknown merchant'}, "
        f"store {store or '?'}",
        f"status {status or 'no document'}; match: {method} ({reason}); settlement: {state}, due {due or '?'}",
        f"expected {money(expected)}, awaited {money(awaited)}, stated {money(stated)}, settled {money(settled)}, "
        f"variance {money(variance)} {currency or ''}",
    ]
    for document_id, schema, versions, rejected, updated, received, total in document:
        lines.append(
            f"document {document_id} ({schema} schema), the latest of {versions} received, {rejected} of them "
            f"rejected; updated {updated}, last received {received} UTC; total {money(int(total))}"
        )
    print_lines(lines, console)


def _expected_row(row: Row) -> list[str]:
    charge, basis, rule, rate, base, schedule, expected = row
    return [
        charge,
        basis,
        rule,
        rate_text(rate),
        "" if base is None else money(int(base)),
        schedule or "",
        "unknown" if expected is None else money(int(expected)),
    ]


def _line_row(row: Row) -> list[str]:
    _, line_type, file, number, states, settlement, payout, paid, stated = row
    return [line_type, file, str(number), str(states), settlement, payout or "", str(paid or ""), money(int(stated))]


def _print_variance(expected: Sequence[Row], stated: Sequence[Row], console: Console) -> None:
    """Print expected beside stated, charge by charge; an expectation that nobody can have counts as nothing."""
    expected_cents = {row[0]: int(row[6] or 0) for row in expected}
    stated_cents = {row[0]: int(row[1]) for row in stated}
    rows = []
    for charge in sorted(expected_cents.keys() | stated_cents.keys()):
        both = expected_cents.get(charge, 0), stated_cents.get(charge, 0)
        rows.append([charge, *(money(cents) for cents in both), money(both[1] - both[0])])
    print_table("Expected beside stated", ["charge", "expected", "stated", "difference"], 0, rows, console)


def _money_row(row: Row) -> list[str]:
    payout, state, due_cents, due, deposit, posted, file, number, allocated = row
    return [
        payout, state, str(due or ""), money(int(due_cents)), deposit, str(posted or ""), file or "",
        str(number or ""), "" if allocated is None else money(int(allocated)),
    ]  # fmt: skip

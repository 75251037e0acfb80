"""The story of one payout or deposit: what it is made of, and where its money went."""

from collections.abc import Mapping, Sequence
from datetime import date

from rich.console import Console

from coco_warehouse.explain.display import print_lines, print_table
from coco_warehouse.load.warehouse import quoted
from coco_warehouse.marts import Row, money, query_marts
from coco_warehouse.targets import Target

# Of the orders of a payout so many are told one by one, those with the largest claims first.
TOLD_ORDERS = 15

PAYOUT = """
    select
        payouts.payout_id, payouts.payout_reference, payouts.platform, payouts.store_id, merchants.merchant_name,
        payouts.legal_entity, payouts.bank_account_id, payouts.currency_code, payouts.payout_state, payouts.payout_date,
        payouts.pay_period_start_date, payouts.pay_period_end_date, payouts.due_date, payouts.overdue_after_date,
        payouts.statement_line_count, payouts.stated_cents, payouts.carry_in_cents, payouts.due_cents,
        payouts.carry_out_cents, payouts.summary_cents, payouts.summary_difference_cents, payouts.deposited_cents,
        payouts.in_transit_cents
    from {marts}.payouts as payouts
    left join {marts}.merchants as merchants on payouts.merchant_id = merchants.merchant_id
    where payouts.payout_id = ?
"""
CHARGES = """
    select charge_type, count(*), sum(stated_cents)
    from {marts}.stated_charges
    where payout_id = ?
    group by charge_type
    having sum(stated_cents) <> 0
    order by charge_type
"""
# Lines of a payout by the order that they name, with the file and row of the first of them.
ORDERS = """
    with

    lines as (
        select
            statement_lines.*,
            coalesce(order_id, 'statement:' || statement_order_id, 'line:' || statement_line_id) as subject,
            row_number() over (
                partition by coalesce(order_id, 'statement:' || statement_order_id, 'line:' || statement_line_id)
                order by posting_date, source_file_name, source_row_number
            ) as place
        from {marts}.statement_lines
        where payout_id = ?
    ),

    claims as (
        select
            lines_and_orders.subject, claims.break_class, sum(claims.claimed_cents) as claimed_cents
        from {marts}.reconciliation_claims as claims
        inner join (
            select distinct subject, order_id, case when order_id is null then statement_line_id end as line_id
            from lines
        ) as lines_and_orders
            on claims.order_id = lines_and_orders.order_id
            or claims.statement_line_id = lines_and_orders.line_id
        group by lines_and_orders.subject, claims.break_class
    ),

    claimed as (
        select subject, string_agg(break_class, ', ' order by break_class) as classes,
            sum(claimed_cents) as claimed_cents, sum(abs(claimed_cents)) as size_cents
        from claims
        where claimed_cents <> 0
        group by subject
    ),

    stated as (
        select
            subject, max(order_id) as order_id, max(platform_order_id) as platform_order_id, count(*) as line_count,
            max(case when place = 1 then source_file_name end) as source_file_name,
            max(case when place = 1 then source_row_number end) as source_row_number,
            max(case when place = 1 then line_type end) as line_type, sum(stated_cents) as stated_cents
        from lines
        group by subject
    )

    select
        stated.subject, coalesce(stated.platform_order_id, ''), stated.line_type, stated.line_count,
        stated.source_file_name, stated.source_row_number, stated.stated_cents,
        coalesce(claimed.classes, ''), coalesce(claimed.claimed_cents, 0), coalesce(claimed.size_cents, 0)
    from stated
    left join claimed on stated.subject = claimed.subject
    order by coalesce(claimed.size_cents, 0) desc, stated.subject
"""
PAYOUT_DEPOSITS = """
    select
        deposits.deposit_id, deposits.bank_account_id, deposits.posted_date, deposits.source_file_name,
        deposits.source_row_number, links.match_method, links.match_reason, links.allocated_cents,
        deposits.deposited_cents
    from {marts}.payout_deposits as links
    inner join {marts}.deposits as deposits on links.deposit_id = deposits.deposit_id
    where links.payout_id = ?
    order by deposits.posted_date, deposits.deposit_id
"""
# What the bank has taken back is nothing to do any more.
PAYOUT_BREAKS = """
    select
        classes.code, classes.break_class_name, breaks.break_date, breaks.break_cents,
        case when breaks.left_cents = 0 then 'Nothing, it came to nothing' else classes.next_step end
    from (
        select *,
            sum(break_cents) over (
                partition by break_class, bank_account_id, coalesce(payout_id, deposit_id)
            ) as left_cents
        from {marts}.deposit_breaks
    ) as breaks
    inner join {reference}.break_classes as classes on breaks.break_class = classes.break_class
    where breaks.payout_id = ?
    order by classes.code, breaks.break_date
"""
DEPOSIT = """
    select
        deposit_id, bank_transaction_id, platform, bank_account_id, legal_entity, currency_code, deposit_state,
        posted_date, description, payment_reference, source_file_name, source_row_number, deposited_cents,
        allocated_cents
    from {marts}.deposits
    where deposit_id = ?
"""
DEPOSIT_PAYOUTS = """
    select
        payouts.payout_id, payouts.store_id, payouts.payout_date, payouts.payout_state, payouts.due_cents,
        links.match_method, links.match_reason, links.allocated_cents
    from {marts}.payout_deposits as links
    inner join {marts}.payouts as payouts on links.payout_id = payouts.payout_id
    where links.deposit_id = ?
    order by payouts.payout_date, payouts.payout_id
"""
DEPOSIT_BREAKS = PAYOUT_BREAKS.replace("breaks.payout_id = ?", "breaks.deposit_id = ?")

BREAK_COLUMNS = ["class", "reason", "since", "amount", "next step"]


def print_payout(target: Target, payout_id: str, console: Console) -> None:
    """Print a payout: its lines by charge and by order, its carry and summary, its deposits and their breaks.

    Raises:
        MartsError: the warehouse cannot be reached, or its marts are not built.
    """
    texts = (PAYOUT, CHARGES, ORDERS, PAYOUT_DEPOSITS, PAYOUT_BREAKS)
    [head], charges, orders, deposits, breaks = _read(target, texts, payout_id)
    print_lines(_payout_head(head), console)
    rows = [[name, str(count), money(int(cents))] for name, count, cents in charges]
    print_table("What its lines state", ["charge", "lines", "amount"], 1, rows, console)
    told, rest = orders[:TOLD_ORDERS], orders[TOLD_ORDERS:]
    # A name of a file is long, and most lines come from one or two.
    files = {file: f"[{number}]" for number, file in enumerate(sorted({row[4] for row in told}), start=1)}
    columns = ["order or line", "platform's id", "kind", "lines", "file", "row", "stated", "claimed", "classes"]
    rows = [_order_row(row, files) for row in told]
    print_table("Its orders, the largest claims first", columns, 0, rows, console)
    if rest:
        stated, claimed = (sum(int(row[place]) for row in rest) for place in (6, 8))
        print_lines([f"and {len(rest)} more: stated {money(stated)}, claimed {money(claimed)}"], console)
    print_lines([f"{number} {file}" for file, number in files.items()], console)
    columns = ["deposit", "account", "posted on", "file", "row", "matched by", "because", "allocated", "amount"]
    rows = [
        [row[0], row[1], str(row[2]), row[3], str(row[4]), row[5], row[6], money(int(row[7])), money(int(row[8]))]
        for row in deposits
    ]
    print_table("Its deposits", columns, 0, rows, console)
    print_table("What is not as due", BREAK_COLUMNS, 0, _break_rows(breaks), console)
    if orders:
        print_lines(
            ["An order of it, with rule and rate: coco explain ORDER. A deposit: coco explain DEPOSIT."], console
        )


def print_deposit(target: Target, deposit_id: str, console: Console) -> None:
    """Print a deposit: the bank row it came from, the payouts it holds, and what of it none explains.

    Raises:
        MartsError: the warehouse cannot be reached, or its marts are not built.
    """
    [head], payouts, breaks = _read(target, (DEPOSIT, DEPOSIT_PAYOUTS, DEPOSIT_BREAKS), deposit_id)
    (key, transaction, platform, account, entity, currency, state, posted, description, reference) = head[:10]
    (file, number, deposited, allocated) = head[10:]
    print_lines(
        [
            f"{platform} deposit {key} of {posted} at {account}, {entity or 'no known entity'}: {state}",
            f"{description or ''}; reference {reference or 'none'}; bank transaction {transaction or 'without an id'}; "
            f"{file} row {number}",
            f"deposited {money(int(deposited))}, allocated to payouts {money(int(allocated))} {currency}",
        ],
        console,
    )
    columns = ["payout", "store", "paid on", "state", "due", "allocated"]
    rows = [[row[0], row[1] or "", str(row[2]), row[3], money(int(row[4])), money(int(row[7]))] for row in payouts]
    print_table("The payouts it holds", columns, 0, rows, console)
    for method, reason in sorted({(row[5], row[6]) for row in payouts}):
        print_lines([f"matched by {method}: {reason}"], console)
    print_table("What is not as due", BREAK_COLUMNS, 0, _break_rows(breaks), console)
    if payouts:
        print_lines(["A payout of it, with its orders: coco explain PAYOUT."], console)


def _read(target: Target, queries: Sequence[str], key: str) -> list[list[Row]]:
    names = {layer: quoted(f"{target.schema}_{layer}") for layer in ("marts", "reference")}
    return query_marts(target, [(query.format(**names), [key]) for query in queries])


def _payout_head(head: Row) -> list[str]:
    (key, reference, platform, store, merchant, entity, account, currency, state, paid) = head[:10]
    (start, end, due_on, overdue_after, lines) = head[10:15]
    cents = [None if value is None else int(value) for value in head[15:]]
    stated, carry_in, due, carry_out, summary, difference, deposited, in_transit = cents
    summed = "no summary" if summary is None else f"summary {_money(summary)}, difference {_money(difference)}"
    return [
        f"{platform} payout {key} of {_day(paid)}, reference {reference or 'none'}: {state}",
        f"{merchant or 'several or unknown merchants'}, store {store or 'several or unknown'}, "
        f"{entity or 'no known entity'}, account {account or '?'}",
        f"pay period {_day(start)} to {_day(end)}; due {_day(due_on)}, overdue after {_day(overdue_after)}",
        f"{lines} lines {_money(stated)}, carried in {_money(carry_in)}, due {_money(due)}, carried out "
        f"{_money(carry_out)}; {summed}; deposited {_money(deposited)}, in transit {_money(in_transit)} {currency}",
    ]


def _money(cents: int | None) -> str:
    return "?" if cents is None else money(cents)


def _day(day: date | None) -> str:
    return "?" if day is None else day.isoformat()


def _order_row(row: Row, files: Mapping[str, str]) -> list[str]:
    subject, platform_id, kind, lines, file, number, stated, classes, claimed, _ = row
    return [
        subject, platform_id, kind, str(lines), files[file], str(number), money(int(stated)),
        money(int(claimed)) if classes else "", classes,
    ]  # fmt: skip


def _break_rows(breaks: Sequence[Row]) -> list[list[str]]:
    return [[row[0], row[1], str(row[2]), money(int(row[3])), row[4]] for row in breaks]

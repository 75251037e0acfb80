"""The command `coco summary`: the totals of the reconciliation, and where to look next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from coco_warehouse.load.warehouse import quoted
from coco_warehouse.marts import PLAIN_WIDTH, MartsError, counted, money, query_marts
from coco_warehouse.targets import Target, TargetError, resolve_target

# Currencies are never added together, so that every total is of one platform and currency.
TOTALS = """
    select
        platform,
        currency_code,
        count(*) as orders,
        sum(case when has_order and has_statement then 1 else 0 end) as matched,
        sum(case when has_statement then 0 else 1 end) as without_statement,
        sum(case when has_order then 0 else 1 end) as without_order,
        coalesce(sum(expected_cents), 0) as expected_cents,
        coalesce(sum(not_yet_stated_cents), 0) as not_yet_stated_cents,
        coalesce(sum(stated_cents), 0) as stated_cents,
        coalesce(sum(settled_cents), 0) as settled_cents,
        coalesce(sum(variance_cents), 0) as variance_cents
    from {marts}.order_reconciliation
    group by platform, currency_code
    order by platform, currency_code
"""
LINES_WITHOUT_ORDER = """
    select platform, currency_code, count(*), coalesce(sum(stated_cents), 0)
    from {marts}.statement_lines
    where statement_order_id is null
    group by platform, currency_code
    order by platform, currency_code
"""
CLAIMS = """
    select claims.break_class, classes.break_class_name, claims.currency_code, count(*), sum(claims.claimed_cents)
    from {marts}.reconciliation_claims as claims
    left join {reference}.break_classes as classes on claims.break_class = classes.break_class
    group by claims.break_class, classes.break_class_name, claims.currency_code, classes.code
    order by classes.code, claims.break_class, claims.currency_code
"""
PAYOUTS = """
    select
        platform,
        currency_code,
        count(*) as payouts,
        coalesce(sum(due_cents), 0) as due_cents,
        coalesce(sum(deposited_cents), 0) as deposited_cents,
        coalesce(sum(in_transit_cents), 0) as in_transit_cents,
        coalesce(sum(case when is_traced then 0 else due_cents end), 0) as not_traced_cents
    from {marts}.payouts
    group by platform, currency_code
    order by platform, currency_code
"""
DEPOSIT_BREAKS = """
    select breaks.break_class, classes.break_class_name, breaks.currency_code, count(*), sum(breaks.break_cents)
    from {marts}.deposit_breaks as breaks
    left join {reference}.break_classes as classes on breaks.break_class = classes.break_class
    group by breaks.break_class, classes.break_class_name, breaks.currency_code, classes.code
    order by classes.code, breaks.break_class, breaks.currency_code
"""
REJECTED = """
    select
        (select count(*) from {marts}.rejected_order_documents),
        (select count(*) from {marts}.rejected_statement_rows),
        (select count(*) from {marts}.rejected_bank_rows)
"""
STATE = "select as_of_at, later_file_count from {marts}.warehouse_state"


@dataclass(frozen=True)
class PlatformTotals:
    """Orders and cents of one platform and currency. Signs: + is money to the merchant."""

    platform: str
    currency_code: str
    orders: int
    matched: int
    without_statement: int
    without_order: int
    expected_cents: int
    not_yet_stated_cents: int
    stated_cents: int
    settled_cents: int
    variance_cents: int


@dataclass(frozen=True)
class OtherLines:
    """Statement lines of one platform and currency that name no order: advertising, equipment, tax."""

    platform: str
    currency_code: str
    lines: int
    stated_cents: int


@dataclass(frozen=True)
class ClassTotals:
    """Claims of one break class and currency: why what was stated is not what was expected."""

    break_class: str
    name: str
    currency_code: str
    claims: int
    claimed_cents: int


@dataclass(frozen=True)
class PayoutTotals:
    """Payouts of one statement platform and currency: what is due at the bank, and what came.

    `not_traced_cents` is due of payouts that no loaded bank export reaches back to.
    """

    platform: str
    currency_code: str
    payouts: int
    due_cents: int
    deposited_cents: int
    in_transit_cents: int
    not_traced_cents: int


@dataclass(frozen=True)
class DepositBreakTotals:
    """Deposit breaks of one class and currency: why what was deposited is not what was due."""

    break_class: str
    name: str
    currency_code: str
    breaks: int
    break_cents: int


@dataclass(frozen=True)
class Summary:
    """What the marts hold, as it was known at `as_of_at` (UTC)."""

    totals: Sequence[PlatformTotals]
    classes: Sequence[ClassTotals]
    other_lines: Sequence[OtherLines]
    payouts: Sequence[PayoutTotals]
    deposit_breaks: Sequence[DepositBreakTotals]
    rejected_documents: int
    rejected_statement_rows: int
    rejected_bank_rows: int
    as_of_at: datetime
    later_files: int


def read_summary(target: Target) -> Summary:
    """Read the totals from the marts of a target.

    Raises:
        MartsError: the warehouse cannot be reached, or its marts are not built.
    """
    marts = quoted(f"{target.schema}_marts")
    reference = quoted(f"{target.schema}_reference")
    queries = (TOTALS, CLAIMS, LINES_WITHOUT_ORDER, PAYOUTS, DEPOSIT_BREAKS, REJECTED, STATE)
    totals, classes, lines, payouts, breaks, rejected, state = query_marts(
        target, [(query.format(marts=marts, reference=reference), ()) for query in queries]
    )
    return Summary(
        [PlatformTotals(row[0], row[1], *(int(number) for number in row[2:])) for row in totals],
        [ClassTotals(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in classes],
        [OtherLines(row[0], row[1], *(int(number) for number in row[2:])) for row in lines],
        [PayoutTotals(row[0], row[1], *(int(number) for number in row[2:])) for row in payouts],
        [DepositBreakTotals(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in breaks],
        int(rejected[0][0]),
        int(rejected[0][1]),
        int(rejected[0][2]),
        state[0][0],
        int(state[0][1]),
    )


def print_summary(summary: Summary, target: Target, console: Console) -> None:
    """Print the totals, and where to look next."""
    title = f"Reconciliation in target {target.name}, as of {summary.as_of_at:%Y-%m-%d %H:%M:%S} UTC"
    table = Table(title=title, title_justify="left")
    for heading in ("platform", "currency"):
        table.add_column(heading)
    for heading in ("orders", "matched", "no statement", "no order"):
        table.add_column(heading, justify="right")
    for heading in ("expected", "awaited", "stated", "settled", "variance"):
        table.add_column(heading, justify="right")
    for row in summary.totals:
        counts = (row.orders, row.matched, row.without_statement, row.without_order)
        amounts = (
            row.expected_cents,
            row.not_yet_stated_cents,
            row.stated_cents,
            row.settled_cents,
            row.variance_cents,
        )
        table.add_row(
            row.platform or "?",
            row.currency_code or "?",
            *(f"{count:,}" for count in counts),
            *(money(cents) for cents in amounts),
        )
    console.print(table)
    console.print(
        "matched: known as an order and on a statement; no statement: an order that no statement names yet; "
        "no order: on a statement, and no order is known. awaited: expected of orders that are not due on a statement "
        "yet. variance = stated + awaited - expected.",
        style="dim",
    )
    reasons = Table(title="Why stated is not expected, each cent once", title_justify="left")
    for heading in ("reason", "class", "currency"):
        reasons.add_column(heading)
    for heading in ("claims", "amount"):
        reasons.add_column(heading, justify="right")
    for entry in summary.classes:
        amount = money(entry.claimed_cents)
        reasons.add_row(entry.name or "?", entry.break_class, entry.currency_code or "?", f"{entry.claims:,}", amount)
    console.print(reasons)
    for line in summary.other_lines:
        console.print(
            f"{line.platform} {line.currency_code}: {line.lines:,} statement lines that name no order "
            f"(advertising, equipment, tax), {money(line.stated_cents)}.",
            highlight=False,
        )
    _print_bank(summary, console)
    for count, what, mart in (
        (summary.rejected_documents, "order document", "rejected_order_documents"),
        (summary.rejected_statement_rows, "statement row", "rejected_statement_rows"),
        (summary.rejected_bank_rows, "bank row", "rejected_bank_rows"),
    ):
        console.print(f"{counted(count, what)} rejected ({mart} says why).", highlight=False)
    if summary.later_files:
        console.print(
            f"{counted(summary.later_files, 'file')}, loaded after as_of, are not counted: orders, statement lines and "
            "bank rows.",
            highlight=False,
        )
    console.print(_where_to_look(target), highlight=False, markup=False)


def _print_bank(summary: Summary, console: Console) -> None:
    bank = Table(title="At the bank", title_justify="left")
    for heading in ("statements of", "currency"):
        bank.add_column(heading)
    for heading in ("payouts", "due", "deposited", "in transit", "not traced"):
        bank.add_column(heading, justify="right")
    for row in summary.payouts:
        amounts = (row.due_cents, row.deposited_cents, row.in_transit_cents, row.not_traced_cents)
        bank.add_row(row.platform, row.currency_code or "?", f"{row.payouts:,}", *(money(cents) for cents in amounts))
    console.print(bank)
    console.print(
        "due: of payouts, after what earlier ones carried; in transit: due and not yet overdue; not traced: due before "
        "the first bank export of its account, or to an account that nobody knows, under no reference. What is due and "
        "none of these is a break below.",
        style="dim",
    )
    reasons = Table(title="Why deposited is not due, each cent once", title_justify="left")
    for heading in ("reason", "class", "currency"):
        reasons.add_column(heading)
    for heading in ("breaks", "amount"):
        reasons.add_column(heading, justify="right")
    for entry in summary.deposit_breaks:
        amount = money(entry.break_cents)
        reasons.add_row(entry.name or "?", entry.break_class, entry.currency_code or "?", f"{entry.breaks:,}", amount)
    console.print(reasons)


def _where_to_look(target: Target) -> str:
    where = target.settings["path"] if target.type == "duckdb" else f"database {target.database}"
    # dbt show prints six columns at most.
    claims = """select platform, store_id, claim_date, charge_type, claimed_cents
          from {{ ref('reconciliation_claims') }} where break_class = 'missing_in_statement'"""
    return f"""
Where to look next, in schema {target.schema}_marts of {where} (first: . .venv/bin/activate):
  every cent that is not as expected, with its reason
      dbt show --inline "{claims}" --limit 20
  every table and column, described, and where each column comes from
      make docs
  files of your own
      coco load PATH && dbt build"""


@click.command()
@click.option("--target", help="Output of the dbt profile to read; by default the profile's own.")
@click.option("--profiles-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of profiles.yml.")
@click.option("--project-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of dbt_project.yml.")
def summary(target: str | None, profiles_dir: Path | None, project_dir: Path | None) -> None:
    """Print the totals of the reconciliation by platform and currency."""
    try:
        resolved = resolve_target(target, profiles_dir, project_dir)
        totals = read_summary(resolved)
    except (MartsError, TargetError) as error:
        raise click.ClickException(str(error)) from error
    console = Console()
    print_summary(totals, resolved, console if console.is_terminal else Console(width=PLAIN_WIDTH))

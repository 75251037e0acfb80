"""The command `coco explain`: the story of one order, from its document to the class of every cent."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from coco_warehouse.load.warehouse import quoted
from coco_warehouse.marts import MartsError, Row, money, query_marts
from coco_warehouse.targets import Target, TargetError, resolve_target

# Names of files stand beside seven other columns.
STORY_WIDTH = 190

# An order may be asked for by any of the names that people meet it under.
FIND_ORDERS = """
    select reconciliation_id, platform, coalesce(platform_order_id, '')
    from {marts}.order_reconciliation
    where reconciliation_id = ? or order_id = ? or platform_order_id = ?
        or order_id in (select order_id from {marts}.orders where readable_order_number = ?)
    order by reconciliation_id
"""
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
        classes.holds_when, classes.next_step
    from {marts}.reconciliation_claims as claims
    inner join {reference}.break_classes as classes on claims.break_class = classes.break_class
    left join {marts}.statement_lines as lines on claims.statement_line_id = lines.statement_line_id
    where claims.order_id = ? or (claims.order_id is null and lines.statement_order_id = ?)
    order by classes.code, claims.break_class, claims.charge_type
"""


def find_orders(target: Target, name: str) -> list[Row]:
    """Find the orders that a name can mean: reconciliation id, platform and platform's order id of each.

    Raises:
        MartsError: the warehouse cannot be reached, or its marts are not built.
    """
    query = FIND_ORDERS.format(marts=quoted(f"{target.schema}_marts"))
    return query_marts(target, [(query, [name] * 4)])[0]


def print_order(target: Target, reconciliation_id: str, console: Console) -> None:
    """Print the whole story of one order.

    Raises:
        MartsError: the warehouse cannot be reached, or its marts are not built.
    """
    names = {"marts": quoted(f"{target.schema}_marts"), "reference": quoted(f"{target.schema}_reference")}
    [[head]] = query_marts(target, [(RECONCILIATION.format(**names), [reconciliation_id])])
    order_id, statement_order_id = head[0], head[1]
    document, expected, lines, stated, claims = query_marts(
        target,
        [
            (DOCUMENT.format(**names), [order_id]),
            (EXPECTED.format(**names), [order_id]),
            *((query.format(**names), [order_id, statement_order_id]) for query in (LINES, STATED, CLAIMS)),
        ],
    )
    _print_head(head, document, console)
    columns = ["charge", "basis", "rule", "rate", "base", "schedule", "expected"]
    _print_table("What it should bring", columns, 2, [_expected_row(row) for row in expected], console)
    columns = ["line", "file", "row", "states", "settlement", "payout", "paid on", "stated"]
    _print_table("What statements say", columns, 1, [_line_row(row) for row in lines], console)
    _print_variance(expected, stated, console)
    columns = ["charge", "class", "reason", "knock-on of", "amount", "holds when", "next step"]
    rows = [[row[0], row[1], row[2], row[3] or "", money(int(row[4])), row[5], row[6]] for row in claims]
    _print_table("Why", columns, 0, rows, console)


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
    for line in lines:
        console.print(line, markup=False, highlight=False)


def _expected_row(row: Row) -> list[str]:
    charge, basis, rule, rate, base, schedule, expected = row
    return [
        charge,
        basis,
        rule,
        "" if rate is None else f"{rate // 100}.{rate % 100:02d} %",
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
    _print_table("Expected beside stated", ["charge", "expected", "stated", "difference"], 0, rows, console)


def _print_table(
    title: str, columns: Sequence[str], wide: int, rows: Sequence[Sequence[str]], console: Console
) -> None:
    """Print a table; where there is no row, a line says so. Text comes from outside, so it is no markup."""
    if not rows:
        console.print(f"{title}: nothing", markup=False)
        return
    table = Table(title=title, title_justify="left")
    amounts = {"rate", "base", "expected", "row", "states", "stated", "difference", "amount"}
    for number, column in enumerate(columns):
        side: JustifyMethod = "right" if column in amounts else "left"
        table.add_column(column, justify=side, overflow="fold", no_wrap=number < wide)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


@click.command()
@click.argument("order")
@click.option("--target", help="Output of the dbt profile to read; by default the profile's own.")
@click.option("--profiles-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of profiles.yml.")
@click.option("--project-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of dbt_project.yml.")
def explain(order: str, target: str | None, profiles_dir: Path | None, project_dir: Path | None) -> None:
    """Tell the whole story of ORDER: document, expected charges, statement lines, and why they differ.

    ORDER is the id of its document, the platform's id, the readable number, or a reconciliation id.
    """
    plain = Console()
    console = plain if plain.is_terminal else Console(width=STORY_WIDTH)
    try:
        resolved = resolve_target(target, profiles_dir, project_dir)
        found = find_orders(resolved, order)
        if not found:
            raise click.ClickException(
                f"No order {order} in target {resolved.name}. Give the id of its document, the platform's id or the "
                "readable number; the mart orders lists them."
            )
        if len(found) > 1:
            listed = "\n".join(f"  {platform} {name}: coco explain {key}" for key, platform, name in found)
            raise click.ClickException(f"{order} is the name of {len(found)} orders:\n{listed}")
        print_order(resolved, found[0][0], console)
    except (MartsError, TargetError) as error:
        raise click.ClickException(str(error)) from error

"""The command `coco explain`: the story of one order, payout or deposit, each leading to the others."""

from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console

from coco_warehouse.explain.order import print_order
from coco_warehouse.explain.payout import print_deposit, print_payout
from coco_warehouse.load.warehouse import quoted
from coco_warehouse.marts import MartsError, Row, query_marts
from coco_warehouse.order_numbers import is_number
from coco_warehouse.targets import Target, TargetError, resolve_target

# Names of files stand beside seven other columns.
STORY_WIDTH = 190

# Each may be asked for by any of the names that people meet it under: kind, key, platform and name.
FIND = f"""
    select 'order' as kind, reconciliation_id as name, platform, coalesce(platform_order_id, '')
    from {{marts}}.order_reconciliation
    where reconciliation_id = ? or order_id = ? or platform_order_id = ?
        or order_id in (select order_id from {{marts}}.orders where {is_number("readable_order_number", "?")})
    union all
    select 'payout', payout_id, platform, coalesce(payout_reference, '')
    from {{marts}}.payouts
    where payout_id = ? or payout_reference = ?
    union all
    select 'deposit', deposit_id, platform, coalesce(bank_transaction_id, '')
    from {{marts}}.deposits
    where deposit_id = ? or bank_transaction_id = ?
    union all
    select 'order', reconciled.reconciliation_id, reconciled.platform, coalesce(reconciled.platform_order_id, '')
    from {{marts}}.reconciliation_exceptions as exceptions
    inner join {{marts}}.order_reconciliation as reconciled on exceptions.order_id = reconciled.order_id
    where exceptions.exception_id = ?
    union all
    select subject_type, subject_id, platform, ''
    from {{marts}}.reconciliation_exceptions
    where exception_id = ? and subject_type in ('payout', 'deposit')
    order by 1, 2
"""
STORIES: dict[str, Callable[[Target, str, Console], None]] = {
    "order": print_order,
    "payout": print_payout,
    "deposit": print_deposit,
}


def find(target: Target, name: str) -> list[Row]:
    """Find what a name can mean: kind (order, payout, deposit), key, platform and the platform's or bank's name.

    Raises:
        MartsError: the warehouse cannot be reached, or its marts are not built.
    """
    query = FIND.format(marts=quoted(f"{target.schema}_marts"))
    [found] = query_marts(target, [(query, [name] * query.count("?"))])
    # A key names one thing, whatever else bears the same name.
    return [row for row in found if row[1] == name] or found


@click.command()
@click.argument("name")
@click.option("--target", help="Output of the dbt profile to read; by default the profile's own.")
@click.option("--profiles-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of profiles.yml.")
@click.option("--project-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of dbt_project.yml.")
def explain(name: str, target: str | None, profiles_dir: Path | None, project_dir: Path | None) -> None:
    """Tell the whole story of NAME: an order, a payout or a deposit.

    An order is named by the id of its document, the platform's id, the readable number, or a reconciliation id; a
    payout by its id or the platform's reference; a deposit by its id or the bank's transaction id.
    """
    plain = Console()
    console = plain if plain.is_terminal else Console(width=STORY_WIDTH)
    try:
        resolved = resolve_target(target, profiles_dir, project_dir)
        found = find(resolved, name)
        if not found:
            raise click.ClickException(
                f"No order, payout or deposit {name} in target {resolved.name}. Give the id of an order's document, "
                "the platform's id or the readable number; the id or reference of a payout; the id of a deposit or of "
                "its bank transaction. The marts orders, payouts and deposits list them."
            )
        if len(found) > 1:
            listed = "\n".join(
                f"  {kind} {platform} {other}: coco explain {key}" for kind, key, platform, other in found
            )
            raise click.ClickException(f"{name} names {len(found)} things:\n{listed}")
        [(kind, key, _, _)] = found
        STORIES[kind](resolved, key, console)
    except (MartsError, TargetError) as error:
        raise click.ClickException(str(error)) from error

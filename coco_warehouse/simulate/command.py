"""`coco simulate` on the command line."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from coco_warehouse.simulate.contract import ContractError
from coco_warehouse.simulate.faults import FaultError
from coco_warehouse.simulate.simulation import DEFAULT_DAYS, DEFAULT_END, OutputError
from coco_warehouse.simulate.simulation import simulate as run_simulation
from coco_warehouse.times import DAY

# Progress shows when a run lasts longer than this.
_QUIET_SECONDS = 2.0


def read_rates(values: tuple[str, ...]) -> float | dict[str, float]:
    """The rates of `--faults`: one share for everything, or shares by class."""
    rates: dict[str, float] = {}
    overall: float | None = None
    for value in values:
        name, equals, share = value.partition("=")
        try:
            number = float(share if equals else value)
        except ValueError:
            raise click.BadParameter(
                f"{value!r}: give a share such as 0.05, or a class and its share such as refund=0.05"
            ) from None
        if equals:
            rates[name] = number
        else:
            overall = number
    if rates and overall is not None:
        raise click.BadParameter("give one share for everything, or shares by class, not both")
    return rates if rates else overall or 0.0


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("sample"), show_default=True,
    help="Folder to write to.",
)  # fmt: skip
@click.option("--orders", type=click.IntRange(min=1), default=3000, show_default=True, help="How many orders.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same bytes.")
@click.option("--days", type=click.IntRange(min=1), default=DEFAULT_DAYS, show_default=True, help="Days of orders.")
@click.option(
    "--end-date", type=DAY, default=DEFAULT_END.isoformat(), show_default=True,
    help="The last day: nothing that would arrive later is written.",
)  # fmt: skip
@click.option(
    "--faults", multiple=True, metavar="RATE|CLASS=RATE",
    help="Share of orders, payouts, deliveries and so on to plant a fault on; or the share of one class, repeated.",
)  # fmt: skip
@click.option(
    "--processes", type=click.IntRange(min=1), default=None,
    help="How many processes work; the bytes do not depend on it.  [default: the processors]",
)  # fmt: skip
def simulate(
    out: Path, orders: int, seed: int, days: int, end_date: datetime, faults: tuple[str, ...], processes: int | None
) -> None:
    """Write a sample of every raw input: OUT/raw, and what is true of it: OUT/truth."""
    progress = Progress(TextColumn("orders"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), transient=True)
    task = progress.add_task("orders", total=orders)
    began = time.monotonic()
    is_shown = False

    def report(made: int) -> None:
        nonlocal is_shown
        if not is_shown and time.monotonic() - began > _QUIET_SECONDS:
            is_shown = True
            progress.start()
        if is_shown:
            progress.update(task, completed=made)

    try:
        summary = run_simulation(
            out, orders, seed, days, end_date.date(), read_rates(faults), processes, on_progress=report
        )
    except (ContractError, FaultError, OutputError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            f"writing to {out} failed: {error.strerror or error}; nothing is left of it, so mend that and run again"
        ) from error
    finally:
        if is_shown:
            progress.stop()
    click.echo(
        f"{summary.orders} orders, {summary.files} raw files in {summary.seconds:.1f} s: "
        f"{os.fspath(out / 'raw')} to load, {os.fspath(out / 'truth')} to compare with"
    )

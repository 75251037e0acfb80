"""How the stories of `coco explain` are laid out: lines of text and tables."""

from collections.abc import Sequence

from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

# Columns of figures, which stand to the right.
FIGURES = frozenset(
    (
        "rate",
        "base",
        "expected",
        "row",
        "states",
        "stated",
        "difference",
        "amount",
        "lines",
        "allocated",
        "claimed",
        "due",
    )
)


def rate_text(rate_bps: int | None) -> str:
    """Write basis points as per cent: 1850 is 18.50 %; no rate is blank."""
    return "" if rate_bps is None else f"{rate_bps // 100}.{rate_bps % 100:02d} %"


def print_lines(lines: Sequence[str], console: Console) -> None:
    """Print lines as they are: text comes from outside, so it is no markup."""
    for line in lines:
        console.print(line, markup=False, highlight=False)


def print_table(title: str, columns: Sequence[str], wide: int, rows: Sequence[Sequence[str]], console: Console) -> None:
    """Print a table; where there is no row, a line says so.

    Args:
        title: what stands over it.
        columns: their headings.
        wide: how many of the first columns are never folded.
        rows: the cells, as text.
        console: where it is printed.
    """
    if not rows:
        console.print(f"{title}: nothing", markup=False)
        return
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        side: JustifyMethod = "right" if column in FIGURES else "left"
        table.add_column(column, justify=side, overflow="fold", no_wrap=number < wide)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)

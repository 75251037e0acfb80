"""What several pages share: the choice of currency and platform, the waterfall, the trend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import html

from coco_warehouse.dashboard import components as parts
from coco_warehouse.dashboard import display, figures, links, queries
from coco_warehouse.dashboard.components import Part
from coco_warehouse.dashboard.reader import Reading, Record

# A table of more slows the page down; the download of the pay periods has them all.
TABLE_WEEKS = 26

# Money of a payout that came short is at the bank, and no line's: /payouts counts it, and this does not.
DEPOSITED_NOTE = "Deposited: of payouts that the bank has in full; what came of others is on the page of payouts."

BARS_NOTE = "Bars are of amounts without their signs, since within a class some make up for others; figures are net."


class NotFound(Exception):
    """The address names something that the marts do not hold; the text says what."""


@dataclass(frozen=True)
class Choice:
    """The currency and platform that a page is of, as its address has them, and what could be chosen instead."""

    currency: str
    platform: str | None
    currencies: Sequence[str]
    platforms: Sequence[tuple[str, str]]


def choose(reading: Reading, currency: str | None, platform: str | None, merchant: str | None = None) -> Choice | None:
    """Settle the currency (the one with most orders where none, or an unknown one, is asked for) and the platform.

    Returns:
        None where there is no amount at all.
    """
    currencies = [row["currency_code"] for row in reading.rows(queries.CURRENCIES, merchant=merchant)]
    if not currencies:
        return None
    chosen: str = currency if currency and currency in currencies else currencies[0]
    found = reading.rows(queries.PLATFORMS, currency=chosen, merchant=merchant)
    platforms = [(row["platform"], row["platform_name"] or row["platform"]) for row in found if row["platform"]]
    return Choice(chosen, platform if platform in dict(platforms) else None, currencies, platforms)


def chooser(path: str, choice: Choice, others: Mapping[str, str | None], *more: Part) -> Part:
    """Offer the currencies and platforms of a page."""
    current = {"currency": choice.currency, "platform": choice.platform, **others}
    return html.Div(
        [
            parts.segments("Currency", path, "currency", [(code, code) for code in choice.currencies], current),
            parts.segments(
                "Platform",
                path,
                "platform",
                [("All", None), *((name, code) for code, name in choice.platforms)],
                current,
            )
            if len(choice.platforms) > 1
            else None,
            *more,
        ],
        className="chooser",
    )


def flow_steps(totals: Record, deposited_cents: int | None) -> list[tuple[str, int | None, bool]]:
    """Return how expected money becomes deposited money: name, cents, whether it is a total.

    stated is expected less what is awaited, with the variance; paid is stated less what is not paid yet.
    """
    cents = {name: value or 0 for name, value in totals.items() if name.endswith("_cents")}
    steps: list[tuple[str, int | None, bool]] = [
        ("Expected", cents["expected_cents"], True),
        ("Awaited", -cents["not_yet_stated_cents"], False),
        ("Variance", cents["variance_cents"], False),
        ("Stated", cents["stated_cents"], True),
        ("Not paid yet", cents["settled_cents"] - cents["stated_cents"], False),
        ("Paid", cents["settled_cents"], True),
    ]
    if deposited_cents is not None:
        steps += [
            ("Not deposited in full", deposited_cents - cents["settled_cents"], False),
            ("Deposited", deposited_cents, True),
        ]
    return steps


def flow(totals: Record, deposited_cents: int | None, currency: str) -> Part:
    """Show the waterfall beside its figures."""
    steps = flow_steps(totals, deposited_cents)
    expected = totals["expected_cents"]
    rows = [
        [html.Strong(name) if is_total else name, display.money(cents), display.share(cents, expected)]
        for name, cents, is_total in steps
    ]
    return parts.columns(
        parts.chart(
            figures.waterfall(steps, currency),
            f"Waterfall from expected to deposited, {currency}; the table holds its figures.",
        ),
        parts.small_table(
            [("Step", False), (currency, True), ("of expected", True)], rows, "From expected to deposited"
        ),
    )


def trend(weeks: Sequence[Record], currency: str) -> Part:
    """Show week by week what was expected, stated and paid."""
    if not weeks:
        return parts.empty("No pay period holds anything here.", "Choose another platform or a longer time.")
    rows = [
        [
            display.day(week["week_start_date"]),
            display.count(week["order_count"]),
            *(
                display.money(week[name])
                for name in ("expected_cents", "stated_cents", "settled_cents", "variance_cents")
            ),
        ]
        for week in list(reversed(weeks))[:TABLE_WEEKS]
    ]
    return html.Div(
        [
            parts.chart(figures.trend(weeks, currency), f"Expected, stated and paid by week, {currency}"),
            html.Details(
                [
                    html.Summary(
                        "The figures" if len(weeks) <= TABLE_WEEKS else f"The figures of the last {TABLE_WEEKS} weeks"
                    ),
                    parts.small_table(
                        [
                            ("Week of", False),
                            ("Orders", True),
                            *((name, True) for name in ("Expected", "Stated", "Paid", "Variance")),
                        ],
                        rows,
                        f"Figures by week, {currency}",
                    ),
                ]
            ),
        ]
    )


def open_exceptions(reading: Reading, scope: Mapping[str, str | None], whole: bool = False) -> Part:
    """Show open exceptions by class and by age, each leading to the queue; `whole` with every class at hand."""
    if not reading.has("reconciliation_exceptions"):
        return parts.lacking("reconciliation_exceptions")
    classes = reading.rows(queries.OPEN_BY_CLASS, **{"platform": None, "merchant": None, **scope})
    ages = reading.rows(queries.OPEN_BY_AGE, **{"platform": None, "merchant": None, **scope})
    if not classes:
        return parts.empty(
            "No exception is open.", "Nothing to do: what is due is paid, and every difference is settled."
        )

    def entry(row: Record, text: str, parameter: str, value: str) -> tuple[object, str | None, int, str, str]:
        address = links.with_query("/exceptions", {**scope, parameter: value})
        return text, address, row["size_cents"], display.money(row["open_cents"]), display.count(row["exception_count"])

    charts = parts.columns(
        html.Div(
            [
                html.H3("By class"),
                parts.bars(
                    [
                        entry(row, row["break_class_name"] or row["break_class"], "break_class", row["break_class"])
                        for row in classes
                    ],
                    None if whole else links.with_query("/exceptions", scope),
                ),
            ]
        ),
        html.Div(
            [
                html.H3("By age"),
                parts.bars(
                    [entry(row, display.aging(row["aging_bucket"]), "aging", row["aging_bucket"]) for row in ages]
                ),
            ]
        ),
    )
    return html.Div([html.P(BARS_NOTE, className="note"), charts])


def claims(rows: Sequence[Record]) -> Part:
    """Show claims by class, largest first."""
    if not rows:
        return parts.empty("Everything ties: there is no variance here.", "Nothing to do.")
    bars = parts.bars(
        [
            (
                row["break_class_name"] or row["break_class"],
                None,
                row["size_cents"],
                display.money(row["claimed_cents"]),
                display.count(row["claim_count"]),
            )
            for row in rows
        ]
    )
    return html.Div([html.P(BARS_NOTE, className="note"), bars])


def deposited(reading: Reading, **scope: object) -> int | None:
    """Return what was deposited; None where the warehouse does not follow payouts to the bank."""
    if not reading.has_column("merchant_reconciliation", "deposited_cents"):
        return None
    row = reading.row(queries.DEPOSITED, **scope)
    return row["deposited_cents"] if row else None

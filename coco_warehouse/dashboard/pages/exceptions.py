"""The queue of exceptions: what has to be worked on, filtered, sorted and taken along as a file."""

from dash import dcc, html

from coco_warehouse.dashboard import components as parts
from coco_warehouse.dashboard import display, links, queries
from coco_warehouse.dashboard.components import Part
from coco_warehouse.dashboard.pages import common
from coco_warehouse.dashboard.reader import Reading


def exceptions(
    reading: Reading,
    currency: str | None = None,
    platform: str | None = None,
    merchant: str | None = None,
    break_class: str | None = None,
    aging: str | None = None,
    status: str | None = None,
) -> Part:
    """Lay out `/exceptions`. Without a status those that are open in any way are shown; `any` shows all."""
    if not reading.has("reconciliation_exceptions"):
        return parts.page("Exceptions", [parts.lacking("reconciliation_exceptions")])
    choice = common.choose(reading, currency, platform)
    if choice is None:
        return parts.page(
            "Exceptions",
            [parts.empty("There is nothing to reconcile yet.", "Load files with coco load, then run dbt build.")],
        )
    found = reading.rows(queries.EXCEPTION_STATUSES, currency=choice.currency)
    statuses = [
        ("Open in any way", None),
        *((display.words(row["status"]), row["status"]) for row in found if row["status"] != "open"),
        ("All", "any"),
    ]
    status = status if status in {value for _, value in statuses} else None
    current = {
        "currency": choice.currency,
        "platform": choice.platform,
        "merchant": merchant,
        "break_class": break_class,
        "aging": aging,
        "status": status,
    }
    asked = {**current, "status": None if status == "any" else status or "open"}
    totals = reading.row(queries.EXCEPTION_TOTALS, **asked)
    assert totals is not None
    narrowed = [
        ("Merchant", merchant, "merchant"),
        ("Class", display.words(break_class), "break_class"),
        ("Age", display.aging(aging), "aging"),
    ]
    removal = [
        dcc.Link(
            [f"{name}: ", parts.untrusted(value), " \u00d7"],
            href=links.with_query("/exceptions", {**current, parameter: None}),
            className="segment chosen",
            title=f"Show every {name.lower()}",
        )
        for name, value, parameter in narrowed
        if current[parameter]
    ]
    return parts.page(
        "Exceptions",
        [
            common.chooser(
                "/exceptions",
                choice,
                {name: current[name] for name in ("merchant", "break_class", "aging", "status")},
                parts.segments("Status", "/exceptions", "status", statuses, current),
                html.Div(removal, className="segments") if removal else None,
            ),
            parts.tiles(
                [
                    parts.tile("Exceptions", display.count(totals["exception_count"]), "that these filters leave"),
                    parts.money_tile("Open", totals["open_cents"], choice.currency, "signed as the claim"),
                ]
            ),
            parts.section(
                "By class and age",
                common.open_exceptions(
                    reading,
                    {"currency": choice.currency, "platform": choice.platform, "merchant": merchant},
                    whole=True,
                ),
                note="What is open; a bar narrows the queue.",
            ),
            parts.section(
                "Queue",
                parts.grid(
                    reading,
                    "exceptions",
                    asked,
                    ("No exception is like this.", "Take a filter away, or choose another status."),
                ),
                note="Oldest first. Each column filters and sorts; downloads hold what the filters leave.",
            ),
        ],
        about=f"Amounts in {choice.currency}; brackets are money that the merchant lacks.",
    )

"""The health of every merchant's integrations, and the calls of one delivery."""

from collections.abc import Sequence

from dash import html

from coco_warehouse.dashboard import components as parts
from coco_warehouse.dashboard import display, figures, links, queries
from coco_warehouse.dashboard.components import Part
from coco_warehouse.dashboard.pages import common
from coco_warehouse.dashboard.reader import Reading, Record

# Merchants that the map shows; the table below it holds all.
MAP_ROWS = 60


def integrations(reading: Reading, health: str | None = None, merchant: str | None = None) -> Part:
    """Lay out `/integrations`."""
    states = reading.rows(queries.INTEGRATION_STATES)
    if not states:
        return parts.page(
            "Integrations",
            [
                parts.empty(
                    "No merchant has an integration.", "Load the tables of the configuration, then run dbt build."
                )
            ],
        )
    names = [row["health_state"] for row in states]
    health = health if health in names else None
    current = {"health": health, "merchant": merchant}
    rows = worst_first(reading.rows(queries.INTEGRATIONS, merchant=merchant, health=None))
    counts = {row["health_state"]: row["integration_count"] for row in states}
    return parts.page(
        "Integrations",
        [
            parts.tiles(
                [
                    parts.tile(
                        "Silent",
                        display.count(counts.get("silent", 0)),
                        "quiet beyond their habit",
                        tone="bad" if counts.get("silent") else "",
                    ),
                    parts.tile(
                        "Failing",
                        display.count(counts.get("failing", 0)),
                        "most calls fail",
                        tone="bad" if counts.get("failing") else "",
                    ),
                    parts.tile(
                        "Set up wrongly",
                        display.count(
                            sum(
                                counts.get(state, 0)
                                for state in (
                                    "misconfigured",
                                    "active_while_merchant_deleted",
                                    "active_while_merchant_test",
                                    "orders_while_inactive",
                                )
                            )
                        ),
                    ),
                    parts.tile("Healthy", display.count(counts.get("healthy", 0))),
                    parts.tile("Integrations", display.count(sum(counts.values())), "each a merchant at a source"),
                ]
            ),
            parts.section(
                "Merchants and sources",
                health_map(rows),
                note="Worst first. A square says its reason when pointed at; the merchant's page lists them.",
            ),
            parts.section(
                "Every integration",
                parts.segments(
                    "Health",
                    "/integrations",
                    "health",
                    [("All", None), *((display.words(name), name) for name in names)],
                    current,
                ),
                parts.grid(reading, "integrations", current, ("No integration is like this.", "Choose another state.")),
            ),
            parts.section(
                "Anomalies",
                parts.grid(
                    reading,
                    "anomalies",
                    {"merchant": merchant},
                    ("Nothing is wrong with any call, attempt or reference.", "Nothing to do."),
                ),
                note="What is wrong with calls, attempts, references and settings. A delivery leads to its calls.",
            ),
            parts.section(
                "Deliveries",
                parts.grid(
                    reading,
                    "deliveries",
                    {"merchant": merchant},
                    ("No delivery is known.", "Load the tables of the deliveries service."),
                ),
            ),
        ],
    )


def worst_first(rows: Sequence[Record]) -> list[Record]:
    """Order integrations by how urgent they are."""
    return sorted(rows, key=lambda row: (row["urgency"], row["merchant_name"] or "", row["integration_source"]))


def health_map(rows: Sequence[Record]) -> Part:
    """Show merchants by sources, those with the worst integration first."""
    sources = sorted({row["integration_source"] for row in rows})
    merchants: dict[str, dict[str, Record]] = {}
    for row in rows:
        merchants.setdefault(row["merchant_id"], {})[row["integration_source"]] = row

    def square(row: Record | None) -> Part:
        if row is None:
            return html.Span("·", className="square none", title="no integration")
        return html.Span(
            display.words(row["health_state"]),
            className=f"square {parts.TONES.get(row['health_state'], 'plain')}",
            title=row["health_reason"],
        )

    shown = list(merchants.items())[:MAP_ROWS]
    table = html.Table(
        [
            html.Caption("Health of integrations, merchants by sources", className="hidden"),
            html.Thead(
                html.Tr(
                    [
                        html.Th("Merchant", scope="col"),
                        *(html.Th(display.words(source), scope="col") for source in sources),
                    ]
                )
            ),
            html.Tbody(
                [
                    html.Tr(
                        [
                            html.Th(
                                parts.link(
                                    next(iter(found.values()))["merchant_name"] or key, links.page("merchant", key)
                                ),
                                scope="row",
                            ),
                            *(html.Td(square(found.get(source))) for source in sources),
                        ]
                    )
                    for key, found in shown
                ]
            ),
        ],
        className="map",
    )
    more = len(merchants) - len(shown)
    return html.Div(
        [
            html.Div(
                table, className="table-frame", tabIndex=0, role="region", **parts.aria(label="Map of integrations")
            ),
            html.P(f"{more} more merchants, none of them worse, stand in the table below.", className="note")
            if more
            else None,
        ]
    )


def delivery(reading: Reading, delivery_id: str) -> Part:
    """Lay out `/delivery/<delivery_id>`: its attempts and calls in time."""
    found = reading.row(queries.DELIVERY, delivery=delivery_id)
    if found is None:
        raise common.NotFound(f"No delivery has the id {delivery_id}.")
    attempts = reading.rows(queries.DELIVERY_ATTEMPTS, delivery=delivery_id)
    calls = reading.rows(queries.DELIVERY_CALLS, delivery=delivery_id)
    orders = reading.rows(queries.DELIVERY_ORDERS, delivery=delivery_id)
    crumbs: list[tuple[object, str]] = [("Integrations", "/integrations")]
    if address := links.page("merchant", found["merchant_id"]):
        crumbs.append((found["merchant_name"], address))
    return parts.page(
        f"Delivery {delivery_id}",
        [
            parts.tiles(
                [
                    parts.tile("Status", display.words(found["delivery_status"])),
                    parts.tile("Attempts", display.count(len(attempts))),
                    parts.tile("Calls", display.count(len(calls))),
                    parts.tile(
                        "Calls that went wrong",
                        display.count(sum(1 for call in calls if call["error_class"])),
                        tone="bad" if any(call["error_class"] for call in calls) else "",
                    ),
                ]
            ),
            parts.section(
                "Calls in time",
                parts.chart(figures.call_timeline(calls), "Calls of the delivery in time; the table below lists them")
                if calls
                else parts.empty(
                    "No call names this delivery.", "A robot alone fulfilled it, or its calls are not loaded yet."
                ),
            ),
            parts.section("Calls", call_table(calls)) if calls else None,
            parts.section("Attempts", attempt_table(attempts)),
            parts.section(
                "What is known of it",
                parts.facts(
                    [
                        ("Source", display.words(found["integration_source"])),
                        ("Made", f"{display.moment(found['created_at'])} UTC"),
                        ("Sent to DoorDash", display.moment(found["sent_to_doordash_at"])),
                        ("Received from OLO", display.moment(found["received_from_olo_at"])),
                        ("Fell back to DoorDash", display.text(found["is_doordash_fallback"])),
                        ("Platform's order id", parts.untrusted(found["platform_order_id"])),
                        ("Order id at OLO", parts.untrusted(found["olo_order_id"])),
                        (
                            "Order",
                            html.Span(
                                [
                                    html.Span([parts.link(row["order_id"], links.page("order", row["order_id"])), " "])
                                    for row in orders
                                ]
                            )
                            if orders
                            else display.NOTHING,
                        ),
                    ]
                ),
            ),
        ],
        crumbs,
    )


def call_table(calls: Sequence[Record]) -> Part:
    """List the calls of a delivery."""
    return parts.small_table(
        [
            ("When, UTC", False),
            ("Provider", False),
            ("Call", False),
            ("Outcome", False),
            ("Status", False),
            ("Took", True),
            ("Error", False),
        ],
        [
            [
                call["called_at"].strftime("%Y-%m-%d %H:%M:%S") if call["called_at"] else display.NOTHING,
                display.words(call["provider"]),
                f"{call['call_type'] or '?'} {call['direction']}",
                html.Span(
                    display.words(call["outcome"]), className=f"badge {'bad' if call['error_class'] else 'good'}"
                ),
                parts.untrusted(call["provider_status"]),
                f"{call['latency_ms']:,} ms" if call["latency_ms"] is not None else display.NOTHING,
                parts.untrusted(call["error_code"] or call["pair_reason"] or display.words(call["error_class"])),
            ]
            for call in calls
        ],
        "Calls",
    )


def attempt_table(attempts: Sequence[Record]) -> Part:
    """List the attempts of a delivery."""
    if not attempts:
        return parts.empty("No attempt is linked to this delivery.", "Look whether delivery_attempts was replicated.")
    return parts.small_table(
        [
            ("Number", True),
            ("Provider", False),
            ("Status", False),
            ("Began, UTC", False),
            ("Fall-back", False),
            ("Attempt", False),
        ],
        [
            [
                display.count(row["attempt_number"]),
                display.words(row["provider"]),
                display.words(row["attempt_status"]),
                display.moment(row["started_at"]),
                display.text(row["is_doordash_fallback"]),
                parts.untrusted(row["attempt_id"]),
            ]
            for row in attempts
        ],
        "Attempts",
    )

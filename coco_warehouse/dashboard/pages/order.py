"""One order: what it should bring, what statements say, and why they differ; the story of `coco explain`."""

from collections.abc import Sequence

from dash import html

from coco_warehouse.dashboard import components as parts
from coco_warehouse.dashboard import display, links, queries
from coco_warehouse.dashboard.components import Part
from coco_warehouse.dashboard.pages import common
from coco_warehouse.dashboard.reader import Reading, Record


def order(reading: Reading, order_name: str) -> Part:
    """Lay out `/order/<order_name>`: a reconciliation id, or any other name that people meet the order under."""
    found = reading.row(queries.ORDER, reconciliation=order_name)
    if found is None:
        candidates = reading.rows(queries.FIND_ORDERS, name=order_name)
        if not candidates:
            raise common.NotFound(f"No order is called {order_name}.")
        if len(candidates) > 1:
            return several(order_name, candidates)
        found = reading.row(queries.ORDER, reconciliation=candidates[0]["reconciliation_id"])
        assert found is not None
    names = {
        "order": found["order_id"],
        "statement_order": found["statement_order_id"],
        "reconciliation": found["reconciliation_id"],
    }
    document = reading.row(queries.ORDER_DOCUMENT, **names)
    expected = reading.rows(queries.ORDER_EXPECTED, **names)
    lines = reading.rows(queries.ORDER_LINES, **names)
    stated = reading.rows(queries.ORDER_STATED, **names)
    claims = reading.rows(queries.ORDER_CLAIMS, **names)
    currency = found["currency_code"]
    crumbs: list[tuple[object, str]] = [("Overview", "/")]
    if address := links.page("merchant", found["merchant_id"]):
        crumbs.append((found["merchant_name"], links.with_query(address, {"currency": currency})))
    return parts.page(
        f"{found['platform_name'] or display.words(found['platform'])} order "
        f"{(document or {}).get('readable_order_number') or found['platform_order_id'] or found['reconciliation_id']}",
        [
            parts.tiles(
                [
                    parts.money_tile("Expected", found["expected_cents"], currency),
                    parts.money_tile(
                        "Awaited", found["not_yet_stated_cents"], currency, "no statement has to hold it yet"
                    ),
                    parts.money_tile("Stated", found["stated_cents"], currency),
                    parts.money_tile("Paid", found["settled_cents"], currency),
                    parts.money_tile(
                        "Variance",
                        found["variance_cents"],
                        currency,
                        tone="bad" if (found["variance_cents"] or 0) < 0 else "",
                    ),
                ]
            ),
            parts.section("The way of the money", way(found, document, lines, claims)),
            parts.section(
                "Expected beside stated",
                charges(expected, stated, currency),
                note="Charge by charge. A dash is an expectation that nobody can have beforehand.",
            ),
            parts.section("Why they differ", reasons(claims, currency)),
            parts.section("What it should bring, and by which rule", rules(expected, currency)),
            parts.section("What statements say", statement_lines(lines, currency)),
            exceptions(reading, names, currency),
            parts.section("What is known of it", about(reading, found, document)),
        ],
        crumbs,
        f"{found['merchant_name'] or 'Merchant not known'}, {display.day(found['order_date'])}; amounts in {currency}",
    )


def several(name: str, candidates: Sequence[Record]) -> Part:
    """Offer the orders that one name can mean."""
    return parts.page(
        f"{name} is the name of {len(candidates)} orders",
        [
            parts.section(
                "Which one?",
                parts.small_table(
                    [("Order", False), ("Platform", False), ("Day", False), ("Merchant", False)],
                    [
                        [
                            parts.link(row["reconciliation_id"], links.page("order", row["reconciliation_id"])),
                            display.words(row["platform"]),
                            display.day(row["order_date"]),
                            parts.untrusted(row["merchant_name"]),
                        ]
                        for row in candidates
                    ],
                    "Orders of this name",
                ),
            )
        ],
        [("Overview", "/")],
    )


def way(found: Record, document: Record | None, lines: Sequence[Record], claims: Sequence[Record]) -> Part:
    """Show the steps of the order from its document to its payout, each done, open or amiss."""
    is_stated = bool(lines)
    state = found["settlement_state"]
    payouts = sorted({row["payout_id"] for row in lines if row["payout_id"]})
    steps: list[tuple[str, str, Part]] = [
        (
            "Document",
            "good" if document else "bad",
            f"{display.count(document['version_count'])} versions received, "
            f"the last {display.moment(document['last_received_at'])} UTC"
            if document
            else "No document is known.",
        ),
        (
            "Expected",
            "good" if found["expected_cents"] is not None else "plain",
            display.money(found["expected_cents"]),
        ),
        (
            "Stated",
            "good" if is_stated else "warn",
            parts.untrusted(found["match_reason"]) if is_stated else "On no statement.",
        ),
        (
            "Compared",
            "bad" if found["variance_cents"] else "good",
            f"Differs by {display.money(found['variance_cents'])}: "
            + ", ".join(sorted({row["break_class_name"] or display.words(row["break_class"]) for row in claims}))
            if found["variance_cents"]
            else "Ties to the cent.",
        ),
        (
            "Paid",
            parts.TONES.get(state, "plain"),
            html.Span(
                [
                    parts.badge(state),
                    *(html.Span([" ", parts.link(name, links.page("payout", name))]) for name in payouts),
                    f" due {display.day(found['due_date'])}" if not payouts else "",
                ]
            ),
        ),
    ]
    return html.Ol(
        [html.Li([html.Strong(name), html.Span(text)], className=f"step {tone}") for name, tone, text in steps],
        className="steps",
    )


def charges(expected: Sequence[Record], stated: Sequence[Record], currency: str) -> Part:
    """Show expected beside stated; an expectation that nobody can have counts as nothing in the difference."""
    known = {row["charge_type"]: row["expected_cents"] for row in expected}
    said = {row["charge_type"]: row["stated_cents"] for row in stated}
    names = sorted(known.keys() | said.keys())
    if not names:
        return parts.empty("Nothing is expected and nothing is stated.", "Nothing to do.")

    def row(name: str) -> list[Part]:
        difference = (said.get(name) or 0) - (known.get(name) or 0)
        return [
            display.words(name),
            display.money(known.get(name)),
            display.money(said.get(name)),
            html.Span(display.money(difference), className="bad-text" if difference else ""),
        ]

    sums = [sum(cents or 0 for cents in side.values()) for side in (known, said)]
    return parts.small_table(
        [("Charge", False), ("Expected", True), ("Stated", True), ("Difference", True)],
        [row(name) for name in names],
        f"Expected beside stated, {currency}",
        ["All", display.money(sums[0]), display.money(sums[1]), display.money(sums[1] - sums[0])],
    )


def reasons(claims: Sequence[Record], currency: str) -> Part:
    """Show the class of every cent that differs."""
    if not claims:
        return parts.empty("Nothing differs.", "Nothing to do.")
    return html.Div(
        [
            parts.reason(
                row["break_class_name"] or display.words(row["break_class"]),
                f"{display.money(row['claimed_cents'])} {currency}",
                f"of {display.words(row['charge_type']).lower()}"
                + (f", a knock-on of {display.words(row['caused_by']).lower()}" if row["caused_by"] else ""),
                display.text(row["holds_when"]),
                row["next_step"],
            )
            for row in claims
        ]
    )


def rules(expected: Sequence[Record], currency: str) -> Part:
    """Show the rule of every expected amount."""
    if not expected:
        return parts.empty(
            "Nothing is expected: no document of the order is known.", "Fetch it from the Order API and load it."
        )
    return parts.small_table(
        [
            ("Charge", False),
            ("Expected", True),
            ("Basis", False),
            ("Rule", False),
            ("Rate", True),
            ("of", True),
            ("Schedule", False),
        ],
        [
            [
                display.words(row["charge_type"]),
                display.money(row["expected_cents"]),
                display.words(row["expectation_basis"]),
                parts.untrusted(row["expectation_rule"]),
                display.rate(row["rate_bps"]),
                display.money(row["base_cents"]),
                parts.untrusted(row["fee_schedule_id"]),
            ]
            for row in expected
        ],
        f"Rules, {currency}",
    )


def statement_lines(lines: Sequence[Record], currency: str) -> Part:
    """Show the lines of the order, each with the file and row that it came in."""
    if not lines:
        return parts.empty(
            "No statement line names this order.", "Once it is due, load the statement of its store with coco load."
        )
    return parts.small_table(
        [
            ("Posted", False),
            ("Type", False),
            ("Stated", True),
            ("Settlement", False),
            ("Payout", False),
            ("File", False),
            ("Row", True),
            ("Seen", True),
        ],
        [
            [
                display.day(row["posting_date"]),
                display.words(row["line_type"]),
                display.money(row["stated_cents"]),
                parts.badge(row["settlement_state"]),
                parts.link(row["payout_id"], links.page("payout", row["payout_id"])),
                parts.untrusted(row["source_file_name"]),
                display.count(row["source_row_number"]),
                f"{display.count(row['state_count'])} times",
            ]
            for row in lines
        ],
        f"Statement lines, {currency}",
        ["All", "", display.money(sum(row["stated_cents"] or 0 for row in lines)), "", "", "", "", ""],
    )


def exceptions(reading: Reading, names: dict[str, str | None], currency: str) -> Part:
    """Show the exceptions of the order, where the warehouse keeps them."""
    if not reading.has("reconciliation_exceptions"):
        return None
    rows = reading.rows(queries.ORDER_EXCEPTIONS, **names)
    if not rows:
        return None
    return parts.section(
        "Exceptions",
        parts.small_table(
            [
                ("Class", False),
                ("Status", False),
                ("Amount", True),
                ("Open", True),
                ("Due", False),
                ("Next step", False),
            ],
            [
                [
                    parts.untrusted(row["break_class_name"] or display.words(row["break_class"])),
                    parts.badge(row["status"]),
                    display.money(row["exception_cents"]),
                    display.money(row["open_cents"]),
                    display.day(row["due_date"]),
                    parts.untrusted(row["next_step"]),
                ]
                for row in rows
            ],
            f"Exceptions, {currency}",
        ),
    )


def about(reading: Reading, found: Record, document: Record | None) -> Part:
    """Show the names and days of the order."""
    deliveries = reading.rows(queries.ORDER_DELIVERY, order=found["order_id"])
    return parts.facts(
        [
            ("Order id", parts.untrusted(found["order_id"])),
            ("Platform's order id", parts.untrusted(found["platform_order_id"])),
            ("Status", display.words(found["order_status"])),
            ("Store", parts.untrusted(found["store_name"] or found["store_id"])),
            (
                "Pay period",
                display.days(found["pay_period_start_date"], found["pay_period_end_date"]),
            ),
            ("Matched by", display.words(found["match_method"])),
            (
                "Document",
                f"{document['document_id']}, {document['schema_version']} schema, "
                f"{display.count(document['rejected_version_count'])} of {display.count(document['version_count'])} "
                "versions rejected"
                if document
                else display.NOTHING,
            ),
            (
                "Total of the document",
                f"{display.money(document['total_cents'])} {found['currency_code']}" if document else display.NOTHING,
            ),
            (
                "Delivery",
                html.Span(
                    [
                        html.Span([parts.link(row["delivery_id"], links.page("delivery", row["delivery_id"])), " "])
                        for row in deliveries
                    ]
                )
                if deliveries
                else display.NOTHING,
            ),
        ]
    )

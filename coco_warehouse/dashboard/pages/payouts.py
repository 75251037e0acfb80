"""Payouts: all of them, and one from its lines to the bank."""

from dash import html

from coco_warehouse.dashboard import components as parts
from coco_warehouse.dashboard import display, links, queries
from coco_warehouse.dashboard.components import Part
from coco_warehouse.dashboard.pages import common
from coco_warehouse.dashboard.reader import Reading


def payouts(
    reading: Reading, currency: str | None = None, platform: str | None = None, state: str | None = None
) -> Part:
    """Lay out `/payouts`."""
    if not reading.has("payouts"):
        return parts.page("Payouts", [parts.lacking("payouts")])
    choice = common.choose(reading, currency, platform)
    if choice is None:
        return parts.page(
            "Payouts", [parts.empty("There is no payout yet.", "Load statements with coco load, then run dbt build.")]
        )
    states = reading.rows(queries.PAYOUT_STATES, currency=choice.currency)
    names = [row["payout_state"] for row in states]
    state = state if state in names else None
    current = {"currency": choice.currency, "platform": choice.platform, "state": state}
    rows: list[list[Part]] = [
        [
            parts.badge(row["payout_state"]),
            display.count(row["payout_count"]),
            *(display.money(row[name]) for name in ("due_cents", "deposited_cents", "in_transit_cents")),
        ]
        for row in states
    ]
    foot = [
        "All",
        display.count(sum(row["payout_count"] for row in states)),
        *(
            display.money(sum(row[name] for row in states))
            for name in ("due_cents", "deposited_cents", "in_transit_cents")
        ),
    ]
    return parts.page(
        "Payouts",
        [
            common.chooser(
                "/payouts",
                choice,
                {"state": state},
                parts.segments(
                    "State",
                    "/payouts",
                    "state",
                    [("All", None), *((display.words(name), name) for name in names)],
                    current,
                ),
            ),
            parts.section(
                "By state",
                parts.small_table(
                    [("State", False), ("Payouts", True), ("Due", True), ("Deposited", True), ("In transit", True)],
                    rows,
                    f"Payouts by state, {choice.currency}",
                    foot,
                ),
                note="All platforms.",
            ),
            parts.section(
                "Payouts",
                parts.grid(
                    reading,
                    "payouts",
                    current,
                    ("No payout is like this.", "Choose another platform or state."),
                ),
            ),
        ],
        about=f"Amounts in {choice.currency}.",
    )


def payout(reading: Reading, payout_id: str) -> Part:
    """Lay out `/payout/<payout_id>`."""
    if not reading.has("payouts", "payout_deposits", "deposits", "deposit_breaks"):
        return parts.page("Payout", [parts.lacking("payouts")])
    found = reading.row(queries.PAYOUTS, payout=payout_id, merchant=None, platform=None, currency=None, state=None)
    if found is None:
        raise common.NotFound(f"No payout has the id {payout_id}.")
    currency = found["currency_code"]
    crumbs: list[tuple[object, str]] = [
        ("Overview", "/"),
        ("Payouts", links.with_query("/payouts", {"currency": currency})),
    ]
    if address := links.page("merchant", found["merchant_id"]):
        crumbs.append((found["merchant_name"], links.with_query(address, {"currency": currency})))
    chain: list[list[Part]] = [
        ["Lines of the payout", display.money(found["stated_cents"])],
        ["Carried in", display.money(found["carry_in_cents"])],
        [
            "Carried on to the next payout",
            display.money(-found["carry_out_cents"] if found["carry_out_cents"] is not None else None),
        ],
    ]
    types = [
        [display.words(row["line_type"]), display.count(row["line_count"]), display.money(row["stated_cents"])]
        for row in reading.rows(queries.PAYOUT_LINE_TYPES, payout=payout_id)
    ]
    return parts.page(
        f"Payout {found['payout_reference']}",
        [
            parts.tiles(
                [
                    parts.money_tile("Due", found["due_cents"], currency),
                    parts.money_tile("Deposited", found["deposited_cents"], currency),
                    parts.money_tile("In transit", found["in_transit_cents"], currency),
                    parts.money_tile(
                        "Lines",
                        found["stated_cents"],
                        currency,
                        f"{display.count(found['statement_line_count'])} lines",
                    ),
                    parts.money_tile("Summary", found["summary_cents"], currency, "as the platform sums it up"),
                    parts.money_tile(
                        "Summary differs by",
                        found["summary_difference_cents"],
                        currency,
                        tone="bad" if found["summary_difference_cents"] else "",
                    ),
                ]
            ),
            parts.columns(
                parts.section(
                    "How it became due",
                    parts.small_table(
                        [("", False), (currency, True)],
                        chain,
                        "From lines to due",
                        ["Due", display.money(found["due_cents"])],
                    ),
                    wide=False,
                ),
                parts.section(
                    "What is known of it",
                    parts.facts(
                        [
                            ("State", parts.badge(found["payout_state"])),
                            ("Platform", found["platform_name"] or display.words(found["platform"])),
                            (
                                "Pay period",
                                display.days(found["pay_period_start_date"], found["pay_period_end_date"]),
                            ),
                            ("Paid on", display.day(found["payout_date"])),
                            (
                                "Due at the bank",
                                display.day(found["due_date"]),
                            ),
                            (
                                "Overdue after",
                                display.day(found["overdue_after_date"]),
                            ),
                            ("Bank account", parts.untrusted(found["bank_account_id"])),
                            ("Legal entity", parts.untrusted(found["legal_entity"])),
                            ("Merchant of record", display.words(found["merchant_of_record"])),
                            ("Store", parts.untrusted(found["store_id"])),
                            (
                                "Made of",
                                "lines of one store and pay period: the platform names no payout"
                                if found["is_derived"]
                                else "the platform's own payout",
                            ),
                        ]
                    ),
                    wide=False,
                ),
            ),
            parts.section("At the bank", deposits(reading, payout_id, currency)),
            parts.section(
                "Lines by type",
                parts.small_table(
                    [("Type", False), ("Lines", True), (currency, True)],
                    types,
                    "Lines by type",
                    ["All", display.count(found["statement_line_count"]), display.money(found["stated_cents"])],
                ),
            ),
            parts.section(
                "Lines",
                parts.grid(
                    reading,
                    "payout_lines",
                    {"payout": payout_id},
                    ("No line of the payout is known.", "Load its statement with coco load."),
                ),
            ),
        ],
        crumbs,
        f"Amounts in {currency}",
    )


def deposits(reading: Reading, payout_id: str, currency: str) -> Part:
    """Show the bank transactions that a payout was matched to, and every cent that is missing or too much."""
    matched = reading.rows(queries.PAYOUT_DEPOSITS, payout=payout_id)
    breaks = reading.rows(queries.PAYOUT_BREAKS, payout=payout_id)
    shown: list[Part] = []
    if matched:
        shown.append(
            parts.small_table(
                [
                    ("Posted", False),
                    ("Account", False),
                    ("Description", False),
                    ("Matched by", False),
                    ("Deposit", True),
                    ("of it this payout", True),
                ],
                [
                    [
                        display.day(row["posted_date"]),
                        parts.untrusted(row["bank_account_id"]),
                        parts.untrusted(row["description"]),
                        parts.untrusted(row["match_reason"] or display.words(row["match_method"])),
                        display.money(row["deposited_cents"]),
                        display.money(row["allocated_cents"]),
                    ]
                    for row in matched
                ],
                f"Deposits, {currency}",
            )
        )
    else:
        shown.append(
            parts.empty(
                "No deposit was matched to this payout.",
                "Once it is overdue, ask the platform; load newer bank exports with coco load.",
            )
        )
    for row in breaks:
        shown.append(
            parts.reason(
                row["break_class_name"] or display.words(row["break_class"]),
                f"{display.money(row['break_cents'])} {currency}",
                f"since {display.day(row['break_date'])}",
                "",
                "Nothing, it came to nothing" if row["is_settled"] else row["next_step"],
            )
        )
    return html.Div(shown)

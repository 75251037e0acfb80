"""The overview: all money of one currency, from expected to deposited."""

from collections.abc import Mapping
from datetime import timedelta

from coco_warehouse.dashboard import components as parts
from coco_warehouse.dashboard import display, queries
from coco_warehouse.dashboard.components import Part
from coco_warehouse.dashboard.pages import common
from coco_warehouse.dashboard.reader import Reading

WEEKS = (("4 weeks", "4"), ("13 weeks", None), ("53 weeks", "53"), ("All", "all"))


def overview(
    reading: Reading, currency: str | None = None, platform: str | None = None, weeks: str | None = None
) -> Part:
    """Lay out `/`."""
    choice = common.choose(reading, currency, platform)
    if choice is None:
        return parts.page(
            "Overview",
            [parts.empty("The marts hold no amounts yet.", "Load files with coco load, then run dbt build.")],
        )
    as_of = reading.row(queries.AS_OF) if reading.has("warehouse_state") else None
    as_of_at = as_of["as_of_at"] if as_of else None
    weeks = weeks if weeks in dict((value, text) for text, value in WEEKS) else None
    since = None if weeks == "all" or not as_of_at else (as_of_at - timedelta(weeks=int(weeks or 13))).date()
    scope = {"currency": choice.currency, "platform": choice.platform, "merchant": None, "since": since}
    totals = reading.row(queries.TOTALS, **scope)
    assert totals is not None
    deposited_cents = common.deposited(reading, **scope)
    current = {"currency": choice.currency, "platform": choice.platform, "weeks": weeks}
    return parts.page(
        "Overview",
        [
            common.chooser("/", choice, {"weeks": weeks}, parts.segments("Pay periods", "/", "weeks", WEEKS, current)),
            parts.tiles(
                [
                    parts.money_tile(
                        "Expected", totals["expected_cents"], choice.currency, "by contract and documents"
                    ),
                    parts.money_tile("Stated", totals["stated_cents"], choice.currency, "on statements"),
                    parts.money_tile("Paid", totals["settled_cents"], choice.currency, "in payouts"),
                    parts.money_tile("Deposited", deposited_cents, choice.currency, "in payouts deposited in full"),
                    parts.money_tile(
                        "Variance",
                        totals["variance_cents"],
                        choice.currency,
                        "stated and awaited less expected",
                        "bad" if (totals["variance_cents"] or 0) < 0 else "",
                    ),
                    parts.tile(
                        "Matched orders",
                        display.share(totals["matched_order_count"], totals["order_count"]),
                        f"{display.count(totals['matched_order_count'])} of {display.count(totals['order_count'])}",
                    ),
                ]
            ),
            parts.section(
                "From expected to deposited",
                common.flow(totals, deposited_cents, choice.currency),
                note=f"Awaited: expected of orders that no statement has to hold yet. {common.DEPOSITED_NOTE}",
            ),
            parts.section(
                "Open exceptions",
                common.open_exceptions(reading, {"currency": choice.currency, "platform": choice.platform}),
                note="All that are open, whatever the pay period. Brackets are money that the merchant lacks.",
            ),
            parts.section(
                "By pay period",
                common.trend(reading.rows(queries.TREND, **scope), choice.currency),
                note="Pay periods by the week that they begin in.",
            ),
            parts.columns(
                parts.section(
                    "Verified share",
                    verified_share(reading, scope, choice.currency),
                    note="Amounts without their signs.",
                    wide=False,
                ),
                parts.section("Freshness", freshness(reading), wide=False),
            ),
            parts.section(
                "Merchants",
                parts.grid(
                    reading,
                    "merchants",
                    {"currency": choice.currency, "platform": choice.platform, "since": since},
                    ("No merchant has amounts here.", "Choose another platform or a longer time."),
                ),
            ),
        ],
        about=f"Every amount on this page is in {choice.currency}.",
    )


def verified_share(reading: Reading, scope: Mapping[str, object], currency: str) -> Part:
    """Show how much of what is stated was recomputed, how much was taken on trust, and how much is open."""
    if not reading.has("verified_share"):
        return parts.lacking("verified_share")
    found = reading.row(queries.VERIFIED_SHARE, **scope)
    assert found is not None
    whole = found["charged_cents"]
    entries = (
        ("Recomputed from the contract", "contract_cents"),
        ("Accepted from the order document", "document_cents"),
        ("Departs, and a class says why", "explained_cents"),
        ("Nobody could know beforehand", "unverified_cents"),
        ("Unexplained", "unexplained_cents"),
    )
    return parts.small_table(
        [("Basis", False), (f"Size, {currency}", True), ("Share", True)],
        [[text, display.money(found[name]), display.share(found[name], whole)] for text, name in entries],
        "How far stated amounts are verified",
        ["All", display.money(whole), display.share(whole, whole)],
    )


def freshness(reading: Reading) -> Part:
    """Show when each source last brought something."""
    if not reading.has("source_freshness"):
        return parts.lacking("source_freshness")
    rows = [
        [
            parts.badge("stale" if row["stale_part_count"] else "fresh"),
            display.words(row["source_name"]),
            display.moment(row["newest_at"]),
            display.duration(row["quiet_seconds"]),
        ]
        for row in reading.rows(queries.FRESHNESS_BY_SOURCE)
    ]
    if not rows:
        return parts.empty("Nothing was loaded yet.", "Load files with coco load.")
    return parts.small_table(
        [("", False), ("Source", False), ("Newest, UTC", False), ("Quiet for", True)], rows, "Freshness of the sources"
    )

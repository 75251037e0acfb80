"""One merchant: its money, its pay periods, its stores, its exceptions and integrations."""

from coco_warehouse.dashboard import components as parts
from coco_warehouse.dashboard import display, links, queries
from coco_warehouse.dashboard.components import Part
from coco_warehouse.dashboard.pages import common
from coco_warehouse.dashboard.reader import Reading


def merchant(reading: Reading, merchant_id: str, currency: str | None = None, platform: str | None = None) -> Part:
    """Lay out `/merchant/<merchant_id>`."""
    found = reading.row(queries.MERCHANT, merchant=merchant_id)
    if found is None:
        raise common.NotFound(f"No merchant has the id {merchant_id}.")
    path = links.page("merchant", merchant_id) or "/"
    choice = common.choose(reading, currency, platform, merchant_id)
    notes = [
        text
        for flag, text in ((found["is_test"], "a test merchant"), (found["is_deleted"], "deleted at its origin"))
        if flag
    ]
    about = (
        f"{display.count(found['store_count'])} platform stores on {display.count(found['platform_count'])} platforms"
    )
    crumbs = [("Overview", "/")]
    integrations = parts.section(
        "Integrations",
        parts.grid(
            reading,
            "integrations",
            {"merchant": merchant_id},
            ("The merchant has no integration.", "Set one up in the merchant's configuration."),
        ),
    )
    if choice is None:
        return parts.page(
            found["merchant_name"],
            [
                parts.empty(
                    "The merchant has no orders and no statement lines.",
                    "Where it should have some, map its stores in the seed store_map and load its statements.",
                ),
                integrations,
            ],
            crumbs,
            "; ".join([about, *notes]),
        )
    scope = {"currency": choice.currency, "platform": choice.platform, "merchant": merchant_id, "since": None}
    totals = reading.row(queries.TOTALS, **scope)
    assert totals is not None
    deposited_cents = common.deposited(reading, **scope)
    held = {"currency": choice.currency, "platform": choice.platform, "merchant": merchant_id}
    return parts.page(
        found["merchant_name"],
        [
            common.chooser(path, choice, {}),
            parts.tiles(
                [
                    parts.money_tile("Sales", totals["sales_cents"], choice.currency),
                    parts.money_tile("Expected", totals["expected_cents"], choice.currency),
                    parts.money_tile("Stated", totals["stated_cents"], choice.currency),
                    parts.money_tile("Paid", totals["settled_cents"], choice.currency),
                    parts.money_tile(
                        "Variance",
                        totals["variance_cents"],
                        choice.currency,
                        tone="bad" if (totals["variance_cents"] or 0) < 0 else "",
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
                note=common.DEPOSITED_NOTE,
            ),
            parts.columns(
                parts.section(
                    "Why stated is not expected",
                    common.claims(reading.rows(queries.CLAIMS_BY_CLASS, **scope)),
                    wide=False,
                ),
                parts.section("Open exceptions", common.open_exceptions(reading, held), wide=False),
            ),
            parts.section("By pay period", common.trend(reading.rows(queries.TREND, **scope), choice.currency)),
            parts.section(
                "Pay periods",
                parts.grid(reading, "pay_periods", held, ("No pay period yet.", "Choose another platform.")),
                note="A day leads to its pay period.",
            ),
            payouts(reading, held),
            parts.section(
                "Stores",
                parts.grid(
                    reading,
                    "stores",
                    {"merchant": merchant_id},
                    ("No platform store belongs to the merchant.", "Add its stores to the seed store_map."),
                ),
            ),
            integrations,
        ],
        crumbs,
        "; ".join([about, *notes, f"amounts in {choice.currency}"]),
    )


def payouts(reading: Reading, scope: dict[str, str | None]) -> Part:
    """Show the payouts of a merchant, where the warehouse follows them."""
    if not reading.has("payouts"):
        return parts.section("Payouts", parts.lacking("payouts"))
    return parts.section(
        "Payouts", parts.grid(reading, "payouts", scope, ("No payout yet.", "Load the statements of the merchant."))
    )

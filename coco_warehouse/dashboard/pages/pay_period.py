"""One pay period of a merchant at a platform: its orders, its other lines, its classes."""

from coco_warehouse.dashboard import components as parts
from coco_warehouse.dashboard import display, links, queries
from coco_warehouse.dashboard.components import Part
from coco_warehouse.dashboard.pages import common
from coco_warehouse.dashboard.reader import Reading


def pay_period(reading: Reading, pay_period_id: str) -> Part:
    """Lay out `/pay-period/<pay_period_id>`, the id being that of the row of merchant_reconciliation."""
    found = reading.row(queries.PAY_PERIODS, pay_period=pay_period_id, currency=None, platform=None, merchant=None)
    if found is None:
        raise common.NotFound(f"No pay period has the id {pay_period_id}.")
    currency = found["currency_code"]
    deposited_cents = None
    if reading.has_column("merchant_reconciliation", "deposited_cents"):
        row = reading.row(queries.PAY_PERIOD_DEPOSITED, pay_period=pay_period_id)
        deposited_cents = row["deposited_cents"] if row else None
    crumbs: list[tuple[object, str]] = [("Overview", "/")]
    if address := links.page("merchant", found["merchant_id"]):
        crumbs.append((found["merchant_name"], links.with_query(address, {"currency": currency})))
    is_dated = found["pay_period_start_date"] is not None
    days = display.days(found["pay_period_start_date"], found["pay_period_end_date"])
    return parts.page(
        f"{found['platform_name'] or display.words(found['platform'])}, {days if is_dated else 'without a pay period'}",
        [
            parts.tiles(
                [
                    parts.money_tile("Sales", found["sales_cents"], currency),
                    parts.money_tile("Expected", found["expected_cents"], currency),
                    parts.money_tile("Stated", found["stated_cents"], currency),
                    parts.money_tile("Paid", found["settled_cents"], currency),
                    parts.money_tile("Deposited", deposited_cents, currency),
                    parts.money_tile(
                        "Variance",
                        found["variance_cents"],
                        currency,
                        tone="bad" if (found["variance_cents"] or 0) < 0 else "",
                    ),
                    parts.tile(
                        "Matched orders",
                        display.share(found["matched_order_count"], found["order_count"]),
                        f"{display.count(found['matched_order_count'])} of {display.count(found['order_count'])}",
                    ),
                ]
            ),
            parts.section(
                "From expected to deposited",
                common.flow(found, deposited_cents, currency),
                note=common.DEPOSITED_NOTE,
            ),
            parts.section(
                "Why stated is not expected",
                common.claims(reading.rows(queries.PAY_PERIOD_CLAIMS, pay_period=pay_period_id)),
            ),
            parts.section(
                "Orders",
                parts.grid(
                    reading,
                    "orders",
                    {"pay_period": pay_period_id},
                    (
                        "No order falls into this pay period.",
                        "Its amounts are lines that name no order: they stand below.",
                    ),
                ),
                note="An order leads to its whole story.",
            ),
            parts.section(
                "Lines that name no order",
                parts.grid(
                    reading,
                    "other_lines",
                    {"pay_period": pay_period_id},
                    ("Every line names an order.", "Nothing to do."),
                ),
                note="Advertising, equipment, adjustments and the like.",
            ),
        ],
        crumbs,
        f"{found['merchant_name'] or 'Merchant not known'}; amounts in {currency}",
    )

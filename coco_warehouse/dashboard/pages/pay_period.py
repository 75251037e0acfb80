"""One pay period of a merchant at a platform: its orders, its other lines, its classes."""

from coco_warehouse.dashboard import components as parts
from coco_warehouse.dashboard import display, links, queries
from coco_warehouse.dashboard.components import Part
from coco_warehouse.dashboard.pages import common
from coco_warehouse.dashboard.reader import Reading


def pay_period(reading: Reading, pay_period_id: str) -> Part:
    """Lay out `/pay-period/<pay_period_id>`, the id being that of the row of merchant_reconciliation."""
    found = reading.row(
        queries.PAY_PERIODS, pay_period=pay_period_id, currency=None, platform=None, merchant=None
    )
    if found is None:
        raise common.NotFound(f"No pay period has the id {pay_period_id}.")
    currency = found["currency_code"]
    deposited_cents = None
    if reading.has_column("merchant_reconciliation", "deposited_cents"):
        row = reading.row(queries.PAY_PERIOD_DEPOSITED, pay_period=pay_period_id)
        deposited_cents = row["deposited_cents"] if row else None
    scope = {
        "merchant": found["merchant_id"],
        "platform": found["platform"],
        "currency": currency,
        "period_start": found["pay_period_start_date"],
    }
    # Without its store or its day a line is of no merchant or period that could be asked for.
    is_listed = found["merchant_id"] is not None and found["pay_period_start_date"] is not None
    crumbs: list[tuple[object, str]] = [("Overview", "/")]
    if address := links.page("merchant", found["merchant_id"]):
        crumbs.append((found["merchant_name"], links.with_query(address, {"currency": currency})))
    begins, ends = display.day(found["pay_period_start_date"]), display.day(found["pay_period_end_date"])
    listed: list[Part] = (
        [
            parts.section(
                "Orders",
                parts.grid(
                    reading,
                    "orders",
                    scope,
                    ("No order falls into this pay period.", "Its amounts are lines that name no order: they stand below."),
                ),
                note="An order leads to its whole story.",
            ),
            parts.section(
                "Lines that name no order",
                parts.grid(
                    reading,
                    "lines",
                    {**scope, "without_order": "yes"},
                    ("Every line names an order.", "Nothing to do."),
                ),
                note="Advertising, equipment, adjustments and the like.",
            ),
        ]
        if is_listed
        else [
            parts.empty(
                "What stands here has no known store or no day, so its orders and lines cannot be told apart from others.",
                "Map the store in the seed store_map, then run dbt build.",
            )
        ]
    )
    return parts.page(
        f"{found['platform_name'] or display.words(found['platform'])}, {begins} to {ends}",
        [
            parts.tiles(
                [
                    parts.money_tile("Sales", found["sales_cents"], currency),
                    parts.money_tile("Expected", found["expected_cents"], currency),
                    parts.money_tile("Stated", found["stated_cents"], currency),
                    parts.money_tile("Paid", found["settled_cents"], currency),
                    parts.money_tile("Deposited", deposited_cents, currency),
                    parts.money_tile(
                        "Variance", found["variance_cents"], currency, tone="bad" if (found["variance_cents"] or 0) < 0 else ""
                    ),
                    parts.tile(
                        "Matched orders",
                        display.share(found["matched_order_count"], found["order_count"]),
                        f"{display.count(found['matched_order_count'])} of {display.count(found['order_count'])}",
                    ),
                ]
            ),
            parts.section("From expected to deposited", common.flow(found, deposited_cents, currency)),
            parts.section(
                "Why stated is not expected",
                common.claims(reading.rows(queries.PAY_PERIOD_CLAIMS, pay_period=pay_period_id)),
            ),
            *listed,
        ],
        crumbs,
        f"{found['merchant_name'] or 'Merchant not known'}; amounts in {currency}",
    )

"""Finding an order, merchant, payout or delivery by any name it has."""

from coco_warehouse.dashboard import components as parts
from coco_warehouse.dashboard import display, links, queries
from coco_warehouse.dashboard.components import Part
from coco_warehouse.dashboard.reader import Reading


def search(reading: Reading, q: str | None = None) -> Part:
    """Lay out `/search?q=…`."""
    name = (q or "").strip()
    if not name:
        return parts.page(
            "Search",
            [
                parts.empty(
                    "Nothing was asked for.",
                    "Write an order number, a merchant's name, a payout or a delivery into the field above.",
                )
            ],
        )
    found: list[tuple[str, object, str | None, object]] = [
        (
            "Order",
            row["platform_order_id"] or row["reconciliation_id"],
            links.page("order", row["reconciliation_id"]),
            row["merchant_name"],
        )
        for row in reading.rows(queries.FIND_ORDERS, name=name)
    ]
    found += [
        ("Merchant", row["merchant_name"], links.page("merchant", row["merchant_id"]), "")
        for row in reading.rows(queries.FIND_MERCHANTS, name=name)
    ]
    if reading.has("payouts"):
        found += [
            ("Payout", row["payout_id"], links.page("payout", row["payout_id"]), display.words(row["platform"]))
            for row in reading.rows(queries.FIND_PAYOUTS, name=name)
        ]
    found += [
        (
            "Delivery",
            row["delivery_id"],
            links.page("delivery", row["delivery_id"]),
            display.words(row["integration_source"]),
        )
        for row in reading.rows(queries.FIND_DELIVERIES, name=name)
    ]
    if not found:
        return parts.page(
            "Search",
            [
                parts.empty(
                    f"Nothing is called {name}.",
                    "Write an order's id or readable number whole; of a merchant's name a part will do.",
                )
            ],
        )
    return parts.page(
        "Search",
        [
            parts.small_table(
                [("What", False), ("Name", False), ("Of", False)],
                [[what, parts.link(text, address), parts.untrusted(of)] for what, text, address, of in found],
                "What was found",
            )
        ],
        about=f"{len(found)} found.",
    )

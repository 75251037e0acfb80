"""Grubhub: the transactions report."""

from __future__ import annotations

from coco_warehouse.simulate.clock import clock_text, day_text
from coco_warehouse.simulate.contract import Contract
from coco_warehouse.simulate.money import money_text
from coco_warehouse.simulate.randomness import digest
from coco_warehouse.simulate.statements.layout import Layout, csv_text
from coco_warehouse.simulate.statements.lines import Line

TRANSACTIONS = "grubhub_transactions"
_FULFILMENTS = {
    "platform_delivery": "Grubhub Delivery",
    "self_delivery": "Self Delivery",
    "pickup": "Pick-Up",
}
# The charges that Grubhub adds to merchant_total; the others are deducted from it.
_EARNINGS = (
    "sales", "tax", "delivery_fee", "delivery_fee_tax", "service_fee", "service_fee_tax", "bag_fee", "bag_fee_tax",
    "tip",
)  # fmt: skip


class Transactions:
    """Rows of the transactions report."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.layout = layout = Layout(contract, TRANSACTIONS)
        self._blank = layout.blank("0.00", "")
        self._at = {
            name: layout.attribute(name)
            for name in (
                "channel", "platform_order_id", "event_date", "event_local_time", "time_zone", "platform_store_id",
                "partner_store_code", "store_name", "source_line_type", "fulfilment", "description", "transaction_id",
            )
        }  # fmt: skip
        self._merchant_total = layout.position("merchant_total")
        self._plus = layout.position("gh_plus_customer")
        self._address = {name: layout.position(name) for name in ("street_address", "city", "state", "postal_code")}

    def row(self, line: Line, name: str) -> list[str]:
        """One row. An account row fills only the totals, so its amount stands in no component column."""
        at, layout = self._at, self.layout
        row = self._blank.copy()
        store = line.store
        row[at["channel"]] = "Grubhub Marketplace"
        row[at["event_date"]] = day_text(line.day)
        row[at["event_local_time"]] = clock_text(line.local)
        row[at["time_zone"]] = store.time_zone
        row[at["platform_store_id"]] = store.store_id
        row[at["partner_store_code"]] = store.partner_code
        row[at["store_name"]] = name
        row[self._address["street_address"]] = f"{digest(store.store_id) % 9000 + 100} Sample Avenue"
        row[self._address["city"]] = "Sampletown"
        row[self._address["state"]] = "ZZ"
        row[self._address["postal_code"]] = f"0{digest(store.store_id) % 9000 + 1000}"
        row[at["source_line_type"]] = self._contract.line_words(TRANSACTIONS, line.line_type)[line.variant]
        row[at["description"]] = line.text
        row[at["transaction_id"]] = line.line_id
        order = line.order
        if order is not None:
            digits = order.readable.replace("-", "")
            # Spreadsheets lose leading zeros; some rows have kept them.
            row[at["platform_order_id"]] = digits if line.line_id[-1] in "01" else str(int(digits))
            row[at["fulfilment"]] = _FULFILMENTS[order.fulfilment]
            row[self._plus] = "Yes" if order.readable[-1] in "37" else "No"
            charges = line.charges
            layout.fill_charges(row, charges)
            row[self._merchant_total] = money_text[sum(charges.get(charge, 0) for charge in _EARNINGS)]
        else:
            row[self._merchant_total] = money_text[line.net]
        row[layout.net] = money_text[line.net]
        return row


def file_text(layout: Layout, rows: list[list[str]]) -> bytes:
    """A file as Grubhub serves it."""
    return csv_text([layout.headers, *rows], line_end="\n").encode()

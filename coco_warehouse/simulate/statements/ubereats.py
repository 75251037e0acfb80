"""Uber Eats: payment details by order and by item, and the payout level."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from coco_warehouse.simulate.clock import clock_text, short_day_text
from coco_warehouse.simulate.contract import Contract, Store
from coco_warehouse.simulate.money import money_text
from coco_warehouse.simulate.statements.layout import Layout, csv_text
from coco_warehouse.simulate.statements.lines import Line

DETAILS = "ubereats_payment_details"
ITEMS = "ubereats_payment_details_items"
PAYOUTS = "ubereats_payouts"
PLACEHOLDER_DATE = "12/31/00"
CHANNELS = ("Uber Eats", "Uber Eats Marketplace")
_DINING_MODES = {
    "platform_delivery": "Delivery",
    "self_delivery": "Delivery - Partner using own delivery",
    "pickup": "Pickup",
}
# Charges of the columns before the fees: their sum is "Total Sales after Adjustments".
_SALES_CHARGES = (
    "sales", "tax", "refund", "refund_tax", "adjustment", "adjustment_tax", "discount", "discount_tax",
    "delivery_discount", "bag_fee", "platform_funding",
)  # fmt: skip


def account_identity(line: Line, date_text: str) -> str:
    """Identity of an account row: it has no order, so store, date, description and amount stand for it."""
    return f"{line.store.partner_code}/{date_text}/{line.text}/{money_text[line.net]}"


class PaymentDetails:
    """Rows of Payment Details, by order or by item."""

    def __init__(self, contract: Contract, is_by_item: bool, optional: tuple[str, ...]) -> None:
        self.is_by_item = is_by_item
        self.statement_format = ITEMS if is_by_item else DETAILS
        self.layout = layout = Layout(contract, self.statement_format, optional)
        self._words = contract.line_words
        self._blank = layout.blank("0.00", "")
        self._at = {
            name: layout.attribute(name)
            for name in (
                "store_name", "partner_store_code", "platform_order_id", "platform_order_uuid", "fulfilment",
                "channel", "source_line_type", "order_date", "order_local_time", "description", "payout_date",
                "payout_id",
            )
        }  # fmt: skip
        self._payment_mode = layout.position("Payment Mode")
        self._membership = layout.position("Customer Uber-Membership Status")
        self._with_tax = layout.position("Sales (incl. tax)")
        self._errors_with_tax = layout.position("Order Error Adjustments (incl. tax)")
        self._after = layout.position("Total Sales after Adjustments (incl tax)")
        self._percent = layout.position("Marketplace fee %")
        if is_by_item:
            self._item_name = layout.attribute("item_name")
            self._item = {
                name: layout.position(name)
                for name in (
                    "Item Priced By", "Unit Sold By", "Requested Count", "Final Count", "Requested Quantity",
                    "Final Quantity", "Unit price", "External ID",
                )
            }  # fmt: skip

    def rows(self, line: Line, name: str, channel: str, is_paid: bool) -> list[list[str]]:
        """The rows of one line: one, and by item one more for each item of a sale."""
        at, layout = self._at, self.layout
        row = self._blank.copy()
        order = line.order
        row[at["store_name"]] = name
        row[at["partner_store_code"]] = line.store.partner_code
        row[at["source_line_type"]] = self._words(self.statement_format, line.line_type)[line.variant]
        row[at["description"]] = line.text
        charges = line.charges
        if order is not None:
            row[at["platform_order_id"]] = order.readable[1:]
            row[at["platform_order_uuid"]] = order.external_id
            row[at["fulfilment"]] = _DINING_MODES[order.fulfilment]
            row[self._payment_mode] = "Card"
            row[at["channel"]] = channel
            row[at["order_date"]] = short_day_text(order.day)
            row[at["order_local_time"]] = clock_text(order.local)
            row[self._membership] = "Uber One" if order.external_id[-1] in "0123" else ""
            row[self._with_tax] = money_text[charges.get("sales", 0) + charges.get("tax", 0)]
            row[self._errors_with_tax] = money_text[charges.get("refund", 0) + charges.get("refund_tax", 0)]
            row[self._after] = money_text[sum(charges.get(charge, 0) for charge in _SALES_CHARGES)]
            if line.commission_bps is not None:
                bps = line.commission_bps
                row[self._percent] = f"{bps // 100}.{bps % 100:02d}%"
        else:
            row[at["order_date"]] = account_date(line)
        if "daily_pay_fee" not in charges:  # Its amount stands in the total alone.
            layout.fill_charges(row, charges)
        row[layout.net] = money_text[line.net]
        if is_paid:
            row[at["payout_date"]] = short_day_text(line.payday)
            row[at["payout_id"]] = line.payout_id
        if not self.is_by_item or order is None or line.line_type != "sale":
            return [row]
        return [row, *self._item_rows(line, row)]

    def _item_rows(self, line: Line, order_row: list[str]) -> list[list[str]]:
        order = line.order
        assert order is not None
        sales_at = self.layout.place("sales")
        tax_at = self.layout.place("tax")
        assert sales_at is not None and tax_at is not None
        rows = []
        tax_left = line.charges.get("tax", 0)
        for number, item in enumerate(order.lines):
            # The items' taxes add up to the order's: the last one takes what rounding left.
            is_last = number == len(order.lines) - 1
            tax = tax_left if is_last else line.charges.get("tax", 0) * item.total // max(1, order.items_total)
            tax_left -= tax
            row = self._blank.copy()
            for name in (
                "store_name", "partner_store_code", "platform_order_id", "platform_order_uuid", "fulfilment",
                "channel", "source_line_type", "order_date", "order_local_time",
            ):  # fmt: skip
                row[self._at[name]] = order_row[self._at[name]]
            row[self._item_name] = item.name
            row[self._item["Item Priced By"]] = row[self._item["Unit Sold By"]] = "EACH"
            for name in ("Requested Count", "Final Count", "Requested Quantity", "Final Quantity"):
                row[self._item[name]] = str(item.quantity)
            row[self._item["Unit price"]] = money_text[item.unit]
            row[self._item["External ID"]] = item.item_id
            row[sales_at[0]] = money_text[item.total]
            row[tax_at[0]] = money_text[tax]
            row[self._with_tax] = money_text[item.total + tax]
            row[self.layout.net] = ""
            rows.append(row)
        return rows

    def text(self, rows: list[list[str]], has_description_row: bool, has_mark: bool) -> bytes:
        """A file as Uber serves it: odd headers, a description row or none, a byte-order mark or none."""
        layout = self.layout
        headers = list(layout.headers)
        # One header comes with a newline inside its quotes, and the net's with a blank at its end.
        longest = max(range(len(headers)), key=lambda number: len(headers[number]))
        words = headers[longest].split(" ")
        middle = len(words) // 2
        headers[longest] = " ".join(words[:middle]) + "\n" + " ".join(words[middle:])
        headers[layout.net] += " "
        if self.is_by_item:
            headers[layout.position("External ID")] += " "
        first = [[f"Description of {header.lower()}" for header in layout.headers]] if has_description_row else []
        text = csv_text([*first, headers, *rows])
        return (b"\xef\xbb\xbf" if has_mark else b"") + text.encode()


def account_date(line: Line) -> str:
    """Date of an account row: some carry a placeholder instead, but no two that nothing else tells apart."""
    has_placeholder = line.local // 1000 % 3 == 0 and "daily_pay_fee" not in line.charges
    return PLACEHOLDER_DATE if has_placeholder else short_day_text(line.day)


class Payouts:
    """Rows of the payout-level file: one a store and payout."""

    def __init__(self, contract: Contract, optional: tuple[str, ...]) -> None:
        self.layout = layout = Layout(contract, PAYOUTS, optional)
        self._blank = layout.blank("0.00", "")
        self._at = {
            name: layout.attribute(name)
            for name in ("store_name", "platform_store_id", "partner_store_code", "payout_date", "payout_id")
        }
        self._orders = layout.position("Order Count")
        self._misc = layout.position("Count of Misc payment")
        self._with_tax = layout.position("Sales (incl. tax)")
        self._errors_with_tax = layout.position("Order Error Adjustments (incl. tax)")
        self._after = layout.position("Total Sales after Adjustments (incl tax)")

    def row(self, store: Store, lines: Iterable[Line], name: str) -> list[str]:
        """One payout."""
        sums: dict[str, int] = defaultdict(int)
        net = orders = misc = payday = 0
        payout_id = ""
        for line in lines:
            payout_id, payday = line.payout_id, line.payday
            net += line.net
            orders += line.line_type == "sale"
            misc += line.order is None
            for charge_type, cents in line.charges.items():
                sums[charge_type] += cents
            if line.remainder:
                sums["other_payment"] += line.remainder
        row = self._blank.copy()
        row[self._at["store_name"]] = name
        row[self._at["platform_store_id"]] = store.store_id
        row[self._at["partner_store_code"]] = store.partner_code
        row[self._orders] = str(orders)
        row[self._misc] = str(misc)
        row[self._with_tax] = money_text[sums["sales"] + sums["tax"]]
        row[self._errors_with_tax] = money_text[sums["refund"] + sums["refund_tax"]]
        row[self._after] = money_text[sum(sums[charge] for charge in _SALES_CHARGES)]
        self.layout.fill_charges(row, sums, spill="other_payment")
        row[self.layout.net] = money_text[net]
        row[self._at["payout_date"]] = short_day_text(payday)
        row[self._at["payout_id"]] = payout_id
        return row

"""DoorDash: simplified, detailed, payout summary, error charges and adjustments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from coco_warehouse.simulate.clock import DAY, MINUTE, clock_text, day_text, local_text
from coco_warehouse.simulate.company import business_id, merchant_names
from coco_warehouse.simulate.contract import Contract, Store
from coco_warehouse.simulate.money import money_text
from coco_warehouse.simulate.statements.layout import Layout, csv_text
from coco_warehouse.simulate.statements.lines import Line

NULL = "NULL"
SIMPLIFIED = "doordash_simplified"
DETAILED = "doordash_detailed"
ERROR_CHARGES = "doordash_error_charges"
PAYOUT_SUMMARY = "doordash_payout_summary"
_HISTORICAL = "(for historical reference only)"


def channel_of(line: Line) -> str:
    """Storefront for orders of the merchant's own page, else Marketplace; NULL for account rows."""
    if line.order is None:
        return NULL
    return "Storefront" if line.order.commission_type == "storefront" else "Marketplace"


def status_of(line: Line) -> str:
    """Final status of the line's order, in DoorDash's words."""
    if line.order is None:
        return NULL
    return "Cancelled" if line.order.status == "cancelled" else "Delivered"


class Simplified:
    """Rows of FINANCIAL_SIMPLIFIED_TRANSACTIONS."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.layout = layout = Layout(contract, SIMPLIFIED)
        self._words = contract.line_words
        self._blank = layout.blank("0.00", NULL)
        self._places = {
            name: layout.attribute(name)
            for name in (
                "platform_store_id", "store_name", "event_local_time", "transaction_id", "platform_order_id",
                "pos_order_id", "source_line_type", "channel", "description", "payout_date", "payout_id",
            )
        }  # fmt: skip
        self._business = (layout.position("Business ID"), layout.position("Business name"))

    def row(self, line: Line, name: str, merchant: tuple[str, str], is_paid: bool) -> list[str]:
        """One row; `merchant` is the business id and name."""
        places = self._places
        row = self._blank.copy()
        row[self._business[0]], row[self._business[1]] = merchant
        row[places["platform_store_id"]] = line.store.store_id
        row[places["store_name"]] = name
        row[places["event_local_time"]] = local_text(line.local)
        row[places["transaction_id"]] = line.line_id
        order = line.order
        if order is not None:
            row[places["platform_order_id"]] = order.readable
            if order.is_pos_id_known:
                row[places["pos_order_id"]] = order.document_id
            row[places["channel"]] = channel_of(line)
        word = self._words(SIMPLIFIED, line.line_type)[line.variant]
        row[places["source_line_type"]] = word
        if line.text:
            row[places["description"]] = line.text
        self.layout.fill_charges(row, line.charges, word)
        row[self.layout.net] = money_text[line.net]
        if is_paid:
            row[places["payout_date"]] = day_text(line.payday)
            row[places["payout_id"]] = line.payout_id
        return row


class Detailed:
    """Rows of FINANCIAL_DETAILED_TRANSACTIONS; `optional` names the columns that the variant adds."""

    def __init__(self, contract: Contract, optional: tuple[str, ...]) -> None:
        self._contract = contract
        self.layout = layout = Layout(contract, DETAILED, optional)
        self._blank = layout.blank("0.00", NULL)
        self._places = {
            name: layout.attribute(name)
            for name in (
                "event_utc_time", "event_local_time", "event_date", "payout_date", "platform_store_id", "store_name",
                "partner_store_code", "source_line_type", "platform_order_uuid", "transaction_id",
                "platform_order_id", "pos_order_id", "channel", "description", "order_status", "currency_code",
                "payout_id",
            )
        }  # fmt: skip
        self._other = {
            name: layout.position(name)
            for name in (
                "Timestamp UTC date", "Order received local time", "Order pickup local time", "Payout time",
                "Business ID", "Business name", "Merchant delivery ID", "Pre-adjusted subtotal",
                "Pre-adjusted tax subtotal", "Subtotal for tax",
                "Subtotal tax remitted by DoorDash to tax authorities",
            )
        }  # fmt: skip

    def row(self, line: Line, name: str, merchant: tuple[str, str], is_paid: bool) -> list[str]:
        """One row; `merchant` is the business id and name."""
        places, other, layout = self._places, self._other, self.layout
        row = self._blank.copy()
        order = line.order
        shift = order.placed - order.local if order is not None else 0
        row[places["event_utc_time"]] = local_text(line.local + shift)
        row[other["Timestamp UTC date"]] = day_text((line.local + shift) // DAY)
        row[places["event_local_time"]] = local_text(line.local)
        row[places["event_date"]] = day_text(line.day)
        row[other["Business ID"]], row[other["Business name"]] = merchant
        row[places["platform_store_id"]] = line.store.store_id
        row[places["store_name"]] = name
        row[places["partner_store_code"]] = line.store.partner_code
        row[places["source_line_type"]] = self._contract.line_words(DETAILED, line.line_type)[line.variant]
        row[places["transaction_id"]] = line.line_id
        row[places["channel"]] = channel_of(line)
        row[places["order_status"]] = status_of(line)
        row[places["currency_code"]] = line.store.currency
        if line.text:
            row[places["description"]] = line.text
        charges = line.charges
        if order is not None:
            row[places["platform_order_uuid"]] = order.external_id
            row[places["platform_order_id"]] = order.readable
            row[other["Order received local time"]] = clock_text(order.local)
            row[other["Order pickup local time"]] = clock_text(order.local + 25 * MINUTE)
            if order.is_pos_id_known:
                row[places["pos_order_id"]] = order.document_id
            if line.line_type == "sale":
                row[other["Pre-adjusted subtotal"]] = money_text[order.items_total]
                row[other["Pre-adjusted tax subtotal"]] = money_text[order.tax]
                row[other["Subtotal for tax"]] = money_text[order.items_total - order.discount]
                row[other["Subtotal tax remitted by DoorDash to tax authorities"]] = money_text[
                    order.tax - charges.get("tax", 0)
                ]
        if "discount" in charges:
            # The funders have a header each, in the order merchant, platform, third party.
            charges = {key: cents for key, cents in charges.items() if key != "discount"}
            parts = line.discount_parts
            for (position, sign), cents in zip(layout.charges["discount"], parts, strict=True):
                row[position] = money_text[cents * sign]
        layout.fill_charges(row, charges)
        row[layout.net] = money_text[line.net]
        if is_paid:
            row[places["payout_date"]] = day_text(line.payday)
            row[other["Payout time"]] = "17:00:00"
            row[places["payout_id"]] = line.payout_id
        return row


class ErrorCharges:
    """Rows of FINANCIAL_ERROR_CHARGES_AND_ADJUSTMENTS: they repeat rows of the other files."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        columns = contract.columns(ERROR_CHARGES)
        self.headers = [column.header for column in columns]
        position = {column.header: number for number, column in enumerate(columns)}
        self._attributes = {column.attribute: position[column.header] for column in columns if column.attribute}
        self._amounts = {
            rule.charge_type: (position[rule.header], rule.sign) for rule in contract.charge_rules(ERROR_CHARGES)
        }
        self._business = (position["Business ID"], position["Business name"])
        self.report_name = contract.report_names[ERROR_CHARGES]

    def row(self, line: Line, name: str, merchant: tuple[str, str]) -> list[str]:
        """One row of a paid line."""
        row = [NULL] * len(self.headers)
        at = self._attributes
        row[self._business[0]], row[self._business[1]] = merchant
        row[at["event_local_time"]] = local_text(line.local)
        row[at["payout_date"]] = day_text(line.payday)
        row[at["platform_store_id"]] = line.store.store_id
        row[at["store_name"]] = name
        row[at["partner_store_code"]] = line.store.partner_code
        row[at["source_line_type"]] = self._contract.line_words(ERROR_CHARGES, line.line_type)[line.variant]
        row[at["transaction_id"]] = line.line_id
        row[at["channel"]] = channel_of(line)
        if line.text:
            row[at["description"]] = line.text
        order = line.order
        if order is not None:
            row[at["platform_order_uuid"]] = order.external_id
            row[at["platform_order_id"]] = order.readable
            if order.is_pos_id_known:
                row[at["pos_order_id"]] = order.document_id
        for position, _ in self._amounts.values():
            row[position] = "0.00"
        for charge_type, cents in line.charges.items():
            position, sign = self._amounts[charge_type]
            row[position] = money_text[cents * sign]
        return row


class PayoutSummary:
    """Rows of FINANCIAL_PAYOUT_SUMMARY: a payout and channel each."""

    def __init__(self, contract: Contract) -> None:
        self.layout = layout = Layout(contract, PAYOUT_SUMMARY)
        self._blank = layout.blank("0.00", NULL)
        self._at = {
            name: layout.attribute(name)
            for name in (
                "platform_store_id", "store_name", "partner_store_code", "payout_date", "currency_code", "channel",
                "payout_id", "payout_status",
            )
        }  # fmt: skip
        self._business = (layout.position("Business ID"), layout.position("Business name"))
        self._taxed = layout.position("Subtotal for tax")
        self._remitted = layout.position("Subtotal tax remitted by DoorDash to tax authorities")

    def rows(self, store: Store, lines: Iterable[Line], name: str, merchant: tuple[str, str]) -> list[list[str]]:
        """The rows of one store's payout."""
        sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        parts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        taxes: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        nets: dict[str, int] = defaultdict(int)
        payout_id, payday = "", 0
        for line in lines:
            channel = channel_of(line)
            channel = "Marketplace" if channel == NULL else channel
            payout_id, payday = line.payout_id, line.payday
            nets[channel] += line.net
            for charge_type, cents in line.charges.items():
                if charge_type != "discount":
                    sums[channel][charge_type] += cents
            for number in range(3):
                parts[channel][number] += line.discount_parts[number]
            if line.remainder:
                sums[channel]["adjustment"] += line.remainder
            if line.order is not None and line.line_type == "sale":
                taxes[channel][0] += line.order.items_total - line.order.discount
                taxes[channel][1] += line.order.tax - line.charges.get("tax", 0)
        rows = []
        for channel in sorted(nets):
            row = self._blank.copy()
            row[self._business[0]], row[self._business[1]] = merchant
            row[self._at["platform_store_id"]] = store.store_id
            row[self._at["store_name"]] = name
            row[self._at["partner_store_code"]] = store.partner_code
            row[self._at["payout_date"]] = day_text(payday)
            row[self._at["currency_code"]] = store.currency
            row[self._at["channel"]] = channel
            row[self._at["payout_id"]] = payout_id
            row[self._at["payout_status"]] = "Paid" if sum(nets.values()) >= 0 else "Carried forward"
            for (position, sign), cents in zip(self.layout.charges["discount"], parts[channel], strict=True):
                row[position] = money_text[cents * sign]
            self.layout.fill_charges(row, sums[channel], spill="adjustment")
            row[self.layout.net] = money_text[nets[channel]]
            row[self._taxed] = money_text[taxes[channel][0]]
            row[self._remitted] = money_text[taxes[channel][1]]
            rows.append(row)
        return rows


def merchant_cell(contract: Contract, merchant_id: str) -> tuple[str, str]:
    """Business id and name as DoorDash prints them."""
    return business_id(merchant_id), merchant_names(contract)[merchant_id]


def historical_headers(contract: Contract, layout: Layout) -> list[str]:
    """Two columns that a variant repeats for reference, if the seed knows such columns."""
    if not any(column.header.endswith(_HISTORICAL) for column in contract.columns(layout.statement_format)):
        return []
    return [f"{layout.headers[position]} {_HISTORICAL}" for position in layout.amounts[:2]]


def file_text(rows: list[list[str]]) -> bytes:
    """A file as DoorDash serves it."""
    return csv_text(rows).encode()

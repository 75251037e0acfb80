"""The Stripe-style itemized payout report of direct and white-label orders."""

from __future__ import annotations

from coco_warehouse.simulate.clock import day_text
from coco_warehouse.simulate.contract import Contract
from coco_warehouse.simulate.money import money_text
from coco_warehouse.simulate.statements.layout import Layout, csv_text
from coco_warehouse.simulate.statements.lines import Line

ITEMIZED = "stripe_payouts_itemized"


class Itemized:
    """Rows of payout_itemized_3."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.layout = layout = Layout(contract, ITEMIZED)
        self._at = {
            name: layout.attribute(name)
            for name in (
                "payout_id", "payout_date", "currency_code", "source_line_type", "transaction_id", "description",
                "payout_status", "payout_destination",
            )
        }  # fmt: skip
        self._arrival = layout.position("payout_expected_arrival_date")
        self._type = layout.position("payout_type")
        self._payout_description = layout.position("payout_description")

    def row(self, line: Line, bank_account_id: str, due: int) -> list[str]:
        """One row; `due` is the day on which the bank should have the payout."""
        at = self._at
        row = self.layout.blank("0.00", "")
        word = self._contract.line_words(ITEMIZED, line.line_type)[line.variant]
        row[at["payout_id"]] = line.payout_id
        row[at["payout_date"]] = f"{day_text(line.payday)} 00:00:00"
        row[at["currency_code"]] = line.store.currency.lower()
        row[at["source_line_type"]] = word
        row[at["transaction_id"]] = line.line_id
        row[at["description"]] = line.text
        row[at["payout_status"]] = "paid"
        row[at["payout_destination"]] = bank_account_id
        row[self._arrival] = f"{day_text(due)} 00:00:00"
        row[self._type] = "bank_account"
        row[self._payout_description] = "STRIPE PAYOUT"
        self.layout.fill_charges(row, line.charges, word)
        row[self.layout.net] = money_text[line.net]
        return row


def file_text(layout: Layout, rows: list[list[str]]) -> bytes:
    """A file as the processor serves it."""
    return csv_text([layout.headers, *rows], line_end="\n").encode()

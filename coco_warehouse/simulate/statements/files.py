"""Which files people download, and when."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from coco_warehouse.simulate.clock import Period, day_text
from coco_warehouse.simulate.contract import Contract, Store
from coco_warehouse.simulate.randomness import generator
from coco_warehouse.simulate.statements import doordash, grubhub, stripe, ubereats
from coco_warehouse.simulate.statements.layout import csv_text
from coco_warehouse.simulate.statements.lines import Line
from coco_warehouse.simulate.writer import PartWriter

if TYPE_CHECKING:
    from coco_warehouse.simulate.timetable import Timetable


def doordash_mode(contract: Contract, store: Store) -> str:
    """Which DoorDash reports a merchant downloads: `simplified` (most), `detailed`, or `both`.

    Only the detailed report's variant has a column for a merchant's tip, only the simplified one has a column for
    delivery fees: what a merchant's orders hold follows from what its reports can state.
    """
    if store.platform != "doordash":
        return ""
    if store.currency != "USD":
        return "detailed"
    return ("simplified", "detailed", "simplified", "both")[
        contract.doordash_merchants.index(store.terms[-1].merchant_id) % 4
    ]


class StatementWriter:
    """Writes the statement files of one platform and bank account."""

    def __init__(self, contract: Contract, seed: int, platform: str, account: str, raw: PartWriter) -> None:
        self._contract = contract
        self._seed = seed
        self._platform = platform
        self._account = account
        self._raw = raw
        self._simplified = doordash.Simplified(contract)
        optional = [column for column in contract.columns(doordash.DETAILED) if not column.is_required]
        tip, tax = (
            tuple(
                column.header
                for column in optional
                if any(
                    rule.header == column.header and rule.charge_type == charge
                    for rule in contract.charge_rules(doordash.DETAILED)
                )
            )
            for charge in ("tip", "commission_tax")
        )
        self._detailed = doordash.Detailed(contract, ())
        self._detailed_with_tip = doordash.Detailed(contract, tip)
        self._detailed_with_tax = doordash.Detailed(contract, (*tip, *tax))
        self._error_charges = doordash.ErrorCharges(contract)
        self._summary = doordash.PayoutSummary(contract)
        self._uber = {
            (is_by_item, is_full): ubereats.PaymentDetails(
                contract,
                is_by_item,
                self._optional(ubereats.ITEMS if is_by_item else ubereats.DETAILS) if is_full else (),
            )
            for is_by_item in (False, True)
            for is_full in (False, True)
        }
        self._uber_payouts = ubereats.Payouts(contract, self._optional(ubereats.PAYOUTS))
        self._grubhub = grubhub.Transactions(contract)
        self._stripe = stripe.Itemized(contract)

    def _optional(self, statement_format: str) -> tuple[str, ...]:
        return tuple(column.header for column in self._contract.columns(statement_format) if not column.is_required)

    def write(self, period: Period, lines: dict[Store, list[Line]], timetable: Timetable) -> None:
        """Write every file of one payday: of a download before it, and of the one on it."""
        if self._platform == "doordash":
            by_merchant: dict[str, dict[Store, list[Line]]] = defaultdict(dict)
            for store, found in lines.items():
                by_merchant[store.on(period.start).merchant_id][store] = found
            for merchant_id, of_merchant in by_merchant.items():
                for day, chosen, is_paid in _downloads(period, of_merchant, merchant_id, timetable):
                    self._doordash(period, merchant_id, day, chosen, is_paid)
            return
        for day, chosen, is_paid in _downloads(period, lines, self._account, timetable):
            if self._platform == "ubereats":
                self._ubereats(period, day, chosen, is_paid)
            elif self._platform == "grubhub":
                self._grubhub_file(period, day, chosen)
            else:
                self._stripe_file(period, day, chosen)

    def _name(self, report: str, what: str, period: Period, day: int) -> str:
        words = report.replace(" ", "-")
        return f"statements/{self._platform}/{words}-{what}-{day_text(period.end)}-downloaded-{day_text(day)}.csv"

    def _doordash(
        self, period: Period, merchant_id: str, day: int, lines: dict[Store, list[Line]], is_paid: bool
    ) -> None:
        contract = self._contract
        merchant = doordash.merchant_cell(contract, merchant_id)
        first_store = next(iter(lines))
        mode = doordash_mode(contract, first_store)
        what = merchant[1].replace(" ", "-")
        names = {store: contract.printed_name(store, day) for store in lines}
        if mode in ("simplified", "both"):
            rows = [
                self._simplified.row(line, names[store], merchant, is_paid)
                for store, found in lines.items()
                for line in found
            ]
            layout = self._simplified.layout
            self._raw.write_file(
                self._name(layout.report_name, what, period, day), doordash.file_text([layout.headers, *rows])
            )
        if mode in ("detailed", "both"):
            detailed = self._detailed
            if mode == "detailed":
                detailed = self._detailed_with_tip if first_store.currency == "USD" else self._detailed_with_tax
            extra = doordash.historical_headers(contract, detailed.layout) if mode == "detailed" else []
            copied = detailed.layout.amounts[: len(extra)]
            rows = []
            for store, found in lines.items():
                for line in found:
                    row = detailed.row(line, names[store], merchant, is_paid)
                    rows.append([*row, *(row[position] for position in copied)])
            self._raw.write_file(
                self._name(detailed.layout.report_name, what, period, day),
                doordash.file_text([[*detailed.layout.headers, *extra], *rows]),
            )
        if not is_paid:
            return
        errors = [
            self._error_charges.row(line, names[store], merchant)
            for store, found in lines.items()
            for line in found
            if line.line_type in ("error_charge", "adjustment")
        ]
        if errors:
            self._raw.write_file(
                self._name(self._error_charges.report_name, what, period, day),
                doordash.file_text([self._error_charges.headers, *errors]),
            )
        summary = [
            row for store, found in lines.items() for row in self._summary.rows(store, found, names[store], merchant)
        ]
        layout = self._summary.layout
        self._raw.write_file(
            self._name(layout.report_name, what, period, day), doordash.file_text([layout.headers, *summary])
        )

    def _ubereats(self, period: Period, day: int, lines: dict[Store, list[Line]], is_paid: bool) -> None:
        rng = generator(self._seed, "ubereats file", self._account, period.start, day)
        contract = self._contract
        names = {store: contract.printed_name(store, day) for store in lines}
        is_full = rng.random() < 0.8
        has_description_row = rng.random() < 0.85
        has_mark = rng.random() < 0.5
        has_twin = is_paid and rng.random() < 0.35
        # The channel is relabelled in some downloads.
        channel = ubereats.CHANNELS[1 if is_paid and rng.random() < 0.3 else 0]
        kinds = [False, True] if has_twin else [False]
        for is_by_item in kinds:
            details = self._uber[is_by_item, is_full]
            rows = [
                row
                for store, found in lines.items()
                for line in found
                for row in details.rows(line, names[store], channel, is_paid)
            ]
            self._raw.write_file(
                self._name(details.layout.report_name, self._account, period, day),
                details.text(rows, has_description_row and not is_by_item, has_mark),
            )
        if is_paid:
            payouts = [self._uber_payouts.row(store, found, names[store]) for store, found in lines.items()]
            layout = self._uber_payouts.layout
            self._raw.write_file(
                self._name(layout.report_name, self._account, period, day),
                csv_text([layout.headers, *payouts]).encode(),
            )

    def _grubhub_file(self, period: Period, day: int, lines: dict[Store, list[Line]]) -> None:
        rows = [
            self._grubhub.row(line, self._contract.printed_name(store, day))
            for store, found in lines.items()
            for line in found
        ]
        layout = self._grubhub.layout
        self._raw.write_file(
            self._name(layout.report_name, self._account, period, day), grubhub.file_text(layout, rows)
        )

    def _stripe_file(self, period: Period, day: int, lines: dict[Store, list[Line]]) -> None:
        rows = [self._stripe.row(line, self._account, period.due) for found in lines.values() for line in found]
        layout = self._stripe.layout
        self._raw.write_file(self._name(layout.report_name, self._account, period, day), stripe.file_text(layout, rows))


def _downloads(
    period: Period, lines: dict[Store, list[Line]], group: str, timetable: Timetable
) -> list[tuple[int, dict[Store, list[Line]], bool]]:
    """The downloads of one payday: day, the lines in it, whether they are paid by then."""
    found: list[tuple[int, dict[Store, list[Line]], bool]] = []
    early = timetable.early_day(group, period)
    if early is not None:
        before = {store: [line for line in of_store if line.day < early] for store, of_store in lines.items()}
        before = {store: of_store for store, of_store in before.items() if of_store}
        if before:
            found.append((early, before, False))
    if period.payday <= timetable.end_day:
        found.append((period.payday, lines, True))
    return found

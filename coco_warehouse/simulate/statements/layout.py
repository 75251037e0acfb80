"""Where a format's columns stand: from the seeds, never from code."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable

from coco_warehouse.simulate.contract import REMAINDER_HEADER, Contract, ContractError
from coco_warehouse.simulate.money import money_text


class Layout:
    """One variant of a statement format.

    Args:
        contract: the seeds.
        statement_format: name of the format.
        optional: the optional headers that this variant has.
    """

    def __init__(self, contract: Contract, statement_format: str, optional: tuple[str, ...] = ()) -> None:
        self.statement_format = statement_format
        self.report_name = contract.report_names[statement_format]
        known = contract.columns(statement_format)
        columns = [column for column in known if column.is_required or column.header in optional]
        self.headers = [column.header for column in columns]
        self._contract = contract
        self._position = {header: position for position, header in enumerate(self.headers)}
        self._attributes = {column.attribute: self._position[column.header] for column in columns if column.attribute}
        self.net = next(self._position[column.header] for column in columns if column.role == "net")
        self.amounts = [self._position[column.header] for column in columns if column.role == "amount"]
        is_required = {column.header: column.is_required for column in columns}
        charges: dict[str, list[tuple[int, int]]] = defaultdict(list)
        charges_by_word: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        self.descriptions: dict[str, str] = {}
        self.words_of_charge: dict[str, str] = {}
        for rule in contract.charge_rules(statement_format):
            if rule.description_pattern:
                self.descriptions.setdefault(rule.charge_type, rule.description_pattern.rstrip("%"))
            if rule.line_word:
                self.words_of_charge.setdefault(rule.charge_type, rule.line_word)
            if rule.header == REMAINDER_HEADER or rule.header not in self._position:
                continue
            place = (self._position[rule.header], rule.sign)
            if rule.line_word:
                charges_by_word[rule.charge_type, rule.line_word].append(place)
            else:
                charges[rule.charge_type].append(place)
        # Of several headers of one charge the documented ones go before the optional ones.
        self.charges = {
            name: sorted(places, key=lambda place: not is_required[self.headers[place[0]]])
            for name, places in charges.items()
        }
        self._charges_by_word = charges_by_word
        self._width = len(self.headers)

    def attribute(self, name: str) -> int:
        """Position of the column that holds an attribute."""
        try:
            return self._attributes[name]
        except KeyError:
            raise ContractError(
                f"statement_columns maps no header of {self.statement_format} to {name}; add it"
            ) from None

    def position(self, header: str) -> int:
        """Position of a header that no attribute names."""
        try:
            return self._position[header]
        except KeyError:
            raise ContractError(
                f"statement_columns has no header {header!r} for {self.statement_format}; the simulator fills it"
            ) from None

    def place(self, charge_type: str, line_word: str = "") -> tuple[int, int] | None:
        """Position and sign of a charge's column; None when the format has none for it."""
        places = self._charges_by_word.get((charge_type, line_word)) or self.charges.get(charge_type)
        return places[0] if places else None

    def blank(self, money: str, text: str) -> list[str]:
        """A row with every amount and the net as `money` and all else as `text`."""
        row = [text] * self._width
        for position in (*self.amounts, self.net):
            row[position] = money
        return row

    def fill_charges(
        self, row: list[str], charges: dict[str, int], line_word: str = "", spill: str | None = None
    ) -> None:
        """Write charges into their columns.

        A charge without a column goes to the column of `spill`; without `spill` it is an error, since the row would
        not add up.
        """
        spilled = 0
        for charge_type, cents in charges.items():
            place = self.place(charge_type, line_word)
            if place is None:
                if spill is None:
                    raise ContractError(f"{self.statement_format} has no column for {charge_type} of {cents} cents")
                spilled += cents
            else:
                row[place[0]] = money_text[cents * place[1]]
        if spilled and spill is not None:
            place = self.place(spill)
            assert place is not None
            row[place[0]] = money_text[(spilled + charges.get(spill, 0)) * place[1]]


def csv_text(rows: Iterable[list[str]], line_end: str = "\r\n") -> str:
    """Rows as CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator=line_end).writerows(rows)
    return buffer.getvalue()

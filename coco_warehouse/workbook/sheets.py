"""Writing the workbook: data as named tables, and a summary of live formulas that tie to zero."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from coco_warehouse.aging import AGING_BUCKETS
from coco_warehouse.spreadsheets import cell_text, units
from coco_warehouse.workbook.columns import (
    EXCEPTIONS,
    JOURNAL,
    LOWERING,
    ROLLFORWARD,
    ROLLFORWARDS,
    SHEETS,
    Column,
    SheetPlan,
)
from coco_warehouse.workbook.content import Content

# What a sheet of Excel holds at most.
SHEET_ROWS = 1_048_576
SHEET_LINKS = 65_530
TABLE_STYLE = "Table Style Light 1"
FORMATS = {
    "title": {"bold": True, "font_size": 14},
    "heading": {"bold": True, "bottom": 1},
    "note": {"italic": True, "font_color": "#595959"},
    # A text that is edited stays text.
    "text": {"quote_prefix": True},
    "money": {"num_format": "#,##0.00;(#,##0.00)"},
    "count": {"num_format": "#,##0"},
    "rate": {"num_format": '0.00" %"'},
    "date": {"num_format": "yyyy-mm-dd"},
    "link": {"font_color": "#0563C1", "underline": 1},
    "fill_in": {"bg_color": "#FFF8DC", "num_format": "@"},
}


class TooManyRowsError(Exception):
    """A sheet would have more rows than Excel holds; the text says what to do."""


def write_workbook(content: Content, path: Path) -> None:
    """Write the workbook of a period.

    Raises:
        TooManyRowsError: a sheet would have more rows than Excel holds.
        FileExistsError: there is a file at the path, which may be filled in.
    """
    for plan in SHEETS:
        if content.has(plan) and len(content.rows(plan)) >= SHEET_ROWS:
            raise TooManyRowsError(
                f"The sheet {plan.name} would have {len(content.rows(plan)):,} rows, and Excel holds "
                f"{SHEET_ROWS - 1:,}. Write CSV files instead, with --csv."
            )
    if path.exists():
        raise FileExistsError(path)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_calc_mode("auto")
        formats = {name: book.add_format(properties) for name, properties in FORMATS.items()}
        summary = book.add_worksheet("summary")
        for plan in SHEETS:
            if content.has(plan):
                _write_data(book.add_worksheet(plan.name), plan, content, formats)
        _Summary(summary, content, formats).write()


def _write_data(sheet: Any, plan: SheetPlan, content: Content, formats: dict[str, Any]) -> None:
    """Write a sheet's rows as a named table."""
    rows = content.rows(plan)
    last_row, last_column = max(len(rows), 1), len(plan.columns) - 1
    headings = [{"header": column.heading} for column in plan.columns]
    sheet.add_table(0, 0, last_row, last_column, {"name": plan.table, "columns": headings, "style": TABLE_STYLE})
    for place, column in enumerate(plan.columns):
        sheet.set_column(place, place, column.width)
    sheet.freeze_panes(1, 1)
    for number, row in enumerate(rows, start=1):
        for place, column in enumerate(plan.columns):
            _write_cell(sheet, number, place, column, row.get(column.name), formats)
    if plan is EXCEPTIONS:
        _invite(sheet, plan, content, last_row)


def _write_cell(sheet: Any, row: int, place: int, column: Column, value: Any, formats: dict[str, Any]) -> None:
    if column.kind == "fill_in":
        sheet.write_blank(row, place, None, formats["fill_in"])
    elif value is None:
        return
    elif column.kind in ("money", "rate"):
        sheet.write_number(row, place, units(int(value)), formats[column.kind])
    elif column.kind == "count":
        sheet.write_number(row, place, int(value), formats["count"])
    elif column.kind == "date":
        sheet.write_datetime(row, place, value, formats["date"])
    elif column.kind == "link" and row < SHEET_LINKS:
        sheet.write_url(row, place, str(value), formats["link"], "open")
    else:
        sheet.write_string(row, place, cell_text(value), formats["text"])


def _invite(sheet: Any, plan: SheetPlan, content: Content, last_row: int) -> None:
    """Let people choose codes from the list, and tell them what to enter."""
    place = plan.position("resolution_code")
    sheet.data_validation(
        1,
        place,
        last_row,
        place,
        {
            "validate": "list",
            "source": list(content.codes),
            "input_title": "Resolution code",
            "input_message": "Fill in code, reason and who; leave Open amount as it is.",
            "error_title": "No such code",
            "error_message": "Choose one of the list.",
        },
    )


class _Summary:
    """The summary: amounts as live formulas over the other sheets, their values cached, and checks that are zero."""

    def __init__(self, sheet: Any, content: Content, formats: dict[str, Any]) -> None:
        self._sheet = sheet
        self._content = content
        self._formats = formats
        self._row = 0
        self._checks: list[str] = []
        self._sum_of_checks = 0

    def write(self) -> None:
        """Write the sections, one below the other, and what all checks come to."""
        self._sheet.set_column(0, 0, 22)
        self._sheet.set_column(1, 10, 16)
        self._sheet.write_string(0, 0, f"Reconciliation {self._content.period:%Y-%m}", self._formats["title"])
        note = "Differences are zero where all ties. Amounts: + is more than the merchant should have."
        self._sheet.write_string(1, 0, note, self._formats["note"])
        self._row = 5
        for plan in ROLLFORWARDS:
            if self._content.has(plan):
                self._write_rollforward(plan)
        self._write_aging()
        if self._content.has(JOURNAL):
            self._write_journal()
        self._sheet.write_string(3, 0, "All differences", self._formats["heading"])
        total = "+".join(f"ABS({cell})" for cell in self._checks) or "0"
        self._formula(3, 1, f"ROUND({total},2)", self._sum_of_checks)
        verdict = "it ties" if self._sum_of_checks == 0 else "IT DOES NOT TIE"
        self._sheet.write_formula(
            3, 2, f'=IF({xl_rowcol_to_cell(3, 1)}=0,"it ties","IT DOES NOT TIE")', self._formats["heading"], verdict
        )

    def _write_rollforward(self, plan: SheetPlan) -> None:
        amounts = [column for column in plan.columns if column.kind == "money"]
        headings = [column.heading for column in amounts]
        is_exceptions = plan is ROLLFORWARD
        self._headings(
            f"Roll-forward of {'exceptions' if is_exceptions else plan.name}",
            ["Currency", *headings, "Difference", *(["By exception", "Difference"] if is_exceptions else [])],
        )
        rows = self._content.rows(plan)
        for currency in self._currencies(plan):
            of_currency = [row for row in rows if row["currency_code"] == currency]
            self._sheet.write_string(self._row, 0, currency, self._formats["text"])
            totals = [sum(int(row[column.name]) for row in of_currency) for column in amounts]
            for place, (column, total) in enumerate(zip(amounts, totals, strict=True), start=1):
                self._formula(self._row, place, self._sum(plan, column.heading), total)
            place = len(amounts)
            signs = [-1 if column.name in LOWERING else 1 for column in amounts[:-1]]
            moved = sum(sign * total for sign, total in zip(signs, totals[:-1], strict=True))
            terms = "".join(
                f"{'-' if sign < 0 else '+'}{xl_rowcol_to_cell(self._row, number)}"
                for number, sign in enumerate(signs, start=1)
            )
            closing = xl_rowcol_to_cell(self._row, place)
            self._check(place + 1, f"{terms[1:]}-{closing}", moved - totals[-1])
            if is_exceptions:
                by_exception = self._total(EXCEPTIONS, "closing_cents", currency)
                self._formula(self._row, place + 2, self._sum(EXCEPTIONS, "Closing amount"), by_exception)
                cell = xl_rowcol_to_cell(self._row, place + 2)
                self._check(place + 3, f"{closing}-{cell}", totals[-1] - by_exception)
            self._row += 1
        self._row += 1

    def _write_aging(self) -> None:
        self._headings("Exceptions by age, as they close", ["Currency", *AGING_BUCKETS, "Sum", "Difference"])
        rows = self._content.rows(EXCEPTIONS)
        for currency in self._currencies(EXCEPTIONS):
            self._sheet.write_string(self._row, 0, currency, self._formats["text"])
            for place, bucket in enumerate(AGING_BUCKETS, start=1):
                of_bucket = [r for r in rows if (r["currency_code"], r["aging_bucket"]) == (currency, bucket)]
                total = sum(int(row["closing_cents"]) for row in of_bucket)
                self._formula(self._row, place, self._sum(EXCEPTIONS, "Closing amount", Age=bucket), total)
            last = len(AGING_BUCKETS)
            total = self._total(EXCEPTIONS, "closing_cents", currency)
            first_cell, last_cell = xl_rowcol_to_cell(self._row, 1), xl_rowcol_to_cell(self._row, last)
            self._formula(self._row, last + 1, f"SUM({first_cell}:{last_cell})", total)
            summed = xl_rowcol_to_cell(self._row, last + 1)
            self._check(last + 2, f"{summed}-{self._sum(EXCEPTIONS, 'Closing amount')}", 0)
            self._row += 1
        self._row += 1

    def _write_journal(self) -> None:
        self._headings("Journal", ["Currency", "Debit", "Credit", "Difference"])
        for currency in self._currencies(JOURNAL):
            self._sheet.write_string(self._row, 0, currency, self._formats["text"])
            debit = self._total(JOURNAL, "debit_cents", currency)
            credit = self._total(JOURNAL, "credit_cents", currency)
            self._formula(self._row, 1, self._sum(JOURNAL, "Debit"), debit)
            self._formula(self._row, 2, self._sum(JOURNAL, "Credit"), credit)
            cells = [xl_rowcol_to_cell(self._row, place) for place in (1, 2)]
            self._check(3, "-".join(cells), debit - credit)
            self._row += 1
        self._row += 1

    def _currencies(self, plan: SheetPlan) -> Sequence[str]:
        return sorted({str(row["currency_code"]) for row in self._content.rows(plan) if row["currency_code"]})

    def _total(self, plan: SheetPlan, name: str, currency: str) -> int:
        return sum(int(row[name]) for row in self._content.rows(plan) if row["currency_code"] == currency)

    def _headings(self, title: str, headings: Iterable[str]) -> None:
        self._sheet.write_string(self._row, 0, title, self._formats["heading"])
        for place, heading in enumerate(headings):
            self._sheet.write_string(self._row + 1, place, heading, self._formats["heading"])
        self._row += 2

    def _sum(self, plan: SheetPlan, heading: str, **more: str) -> str:
        """A formula that sums a column of a sheet's table over the currency that the row begins with."""
        conditions = "".join(f',{plan.table}[{name}],"{value}"' for name, value in more.items())
        currency = xl_rowcol_to_cell(self._row, 0, col_abs=True)
        return f"SUMIFS({plan.table}[{heading}],{plan.table}[Currency],{currency}{conditions})"

    def _formula(self, row: int, place: int, formula: str, cents: int) -> None:
        self._sheet.write_formula(row, place, f"={formula}", self._formats["money"], units(cents))

    def _check(self, place: int, formula: str, cents: int) -> None:
        """Write a difference that is to be zero, and count it among the checks."""
        self._formula(self._row, place, f"ROUND({formula},2)", cents)
        self._checks.append(xl_rowcol_to_cell(self._row, place))
        self._sum_of_checks += abs(cents)

"""Tables as CSV and Excel files, whose text no spreadsheet takes for a formula."""

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import IO, Any

import xlsxwriter

from coco_warehouse.dashboard.reader import Reading, Record, RequestError
from coco_warehouse.dashboard.tables import Column, Selection, shown
from coco_warehouse.spreadsheets import cell_text, neutralised, units

CHUNK_ROWS = 10_000
# What a sheet of Excel holds at most, with the heading.
SHEET_ROWS = 1_048_576


def csv_file(selection: Selection, reading: Reading) -> IO[bytes]:
    """Write the selected rows as a CSV file: UTF-8 with the mark that Excel looks for, amounts as plain decimals."""
    columns = _columns(selection)
    # Closed, and so removed, by whoever sends it.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(b"\xef\xbb\xbf" + _csv_lines([[column.heading for column in columns]]))
    for rows in _chunks(selection, reading):
        file.write(_csv_lines([[_plain(column, row[column.name]) for column in columns] for row in rows]))
    file.seek(0)
    return file


def excel_file(selection: Selection, reading: Reading) -> IO[bytes]:
    """Write the selected rows as an Excel file: numbers as numbers, days as days, text always as text.

    Raises:
        RequestError: there are more rows than a sheet holds.
    """
    if selection.count(reading) >= SHEET_ROWS:
        raise RequestError(f"Excel holds {SHEET_ROWS - 1:,} rows at most: filter the table, or download it as CSV.")
    # Closed, and so removed, by whoever sends it.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    book = xlsxwriter.Workbook(
        file,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    sheet = book.add_worksheet(selection.table.title[:31])
    formats = {
        "heading": book.add_format({"bold": True, "bottom": 1}),
        "text": book.add_format({"quote_prefix": True}),
        "money": book.add_format({"num_format": "#,##0.00;(#,##0.00)"}),
        "count": book.add_format({"num_format": "#,##0"}),
        "rate": book.add_format({"num_format": '0.00" %"'}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    columns = _columns(selection)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, max(10, column.width // 8))
        sheet.write_string(0, position, column.heading, formats["heading"])
    sheet.freeze_panes(1, 0)
    number = 0
    for rows in _chunks(selection, reading):
        for row in rows:
            number += 1
            for position, column in enumerate(columns):
                _write_cell(sheet, number, position, column, row[column.name], formats)
    sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)
    book.close()
    file.seek(0)
    return file


def _columns(selection: Selection) -> Sequence[Column]:
    return [*selection.table.columns, *selection.table.file_columns]


def _write_cell(sheet: Any, row: int, position: int, column: Column, value: Any, formats: dict[str, Any]) -> None:
    if value is None or value == "":
        return
    if column.kind in ("money", "rate"):
        sheet.write_number(row, position, units(int(value)), formats[column.kind])
    elif column.kind in ("count", "duration"):
        sheet.write_number(row, position, int(value), formats["count"])
    elif isinstance(value, date | datetime):
        sheet.write_datetime(row, position, value, formats["moment" if column.kind == "moment" else "day"])
    else:
        sheet.write_string(row, position, cell_text(shown(column, value)), formats["text"])


def _chunks(selection: Selection, reading: Reading) -> Iterator[Sequence[Record]]:
    offset = 0
    while rows := selection.rows(reading, CHUNK_ROWS, offset):
        yield rows
        offset += CHUNK_ROWS


def _csv_lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def _plain(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind in ("money", "rate"):
        return str(units(int(value)))
    if column.kind in ("count", "duration"):
        return str(int(value))
    return neutralised(shown(column, value))

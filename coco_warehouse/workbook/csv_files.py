"""The sheets of the workbook as CSV files, of which no text becomes a formula."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coco_warehouse.spreadsheets import neutralised, units
from coco_warehouse.workbook.columns import SHEETS, Column, SheetPlan
from coco_warehouse.workbook.content import Content


def write_csv_files(content: Content, folder: Path) -> list[Path]:
    """Write a file for each sheet; that of the exceptions can be filled in and loaded like the workbook.

    Raises:
        FileExistsError: one of the files exists, and may be filled in.
    """
    paths = [(plan, folder / f"{plan.table}-{content.period:%Y-%m}.csv") for plan in SHEETS if content.has(plan)]
    for _, path in paths:
        if path.exists():
            raise FileExistsError(path)
    folder.mkdir(parents=True, exist_ok=True)
    for plan, path in paths:
        # With the mark by which spreadsheets know UTF-8.
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(_records(content, plan))
    return [path for _, path in paths]


def _records(content: Content, plan: SheetPlan) -> Iterator[list[str]]:
    yield [column.heading.lower().replace(" ", "_") for column in plan.columns]
    for row in content.rows(plan):
        yield [_plain(column, row.get(column.name)) for column in plan.columns]


def _plain(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind in ("money", "rate"):
        return str(units(int(value)))
    return str(value) if column.kind in ("count", "date") else neutralised(str(value))

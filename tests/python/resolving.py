"""Helpers of the tests that resolve exceptions: files of resolutions, and what the marts say of an exception."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from warehouses import DbtRun, Warehouse

PERIOD = "2026-10"
COLUMNS = [
    *("exception_id", "period", "open_amount", "resolution_code", "reason"),
    *("resolved_by", "evidence_reference", "owner"),
]
# Between the load of the sample and the moment that it is looked at from.
RESOLVED_AT = datetime(2026, 11, 1, 8, 0, 0, tzinfo=UTC)

Row = dict[str, Any]


def records(warehouse: Warehouse, query: str, *names: str) -> list[Row]:
    return [dict(zip(names, row, strict=True)) for row in warehouse.rows(query)]


def exceptions(warehouse: Warehouse) -> dict[str, Row]:
    """The exceptions by id."""
    names = ("exception_id", "status", "exception_cents", "open_cents", "resolved_cents", "written_off_cents")
    names += ("owner", "resolution_code", "resolution_reason", "evidence_reference", "posting_date", "currency_code")
    names += ("won_back_cents",)
    query = f"select {', '.join(names)} from coco_marts.reconciliation_exceptions"
    return {row["exception_id"]: row for row in records(warehouse, query, *names)}


def open_of_period(warehouse: Warehouse) -> list[Row]:
    """Open exceptions of the period, the same in every run."""
    found = [row for row in exceptions(warehouse).values() if row["open_cents"]]
    return sorted(
        (row for row in found if f"{row['posting_date']:%Y-%m}" <= PERIOD), key=lambda row: row["exception_id"]
    )


def amount(cents: int) -> str:
    return str(Decimal(cents).scaleb(-2))


def resolution(exception: Mapping[str, Any], **changes: Any) -> Row:
    """A right row that resolves an exception, with some changes."""
    return {
        "exception_id": exception["exception_id"],
        "period": PERIOD,
        "open_amount": amount(exception["open_cents"]),
        "resolution_code": "accepted",
        "reason": "agreed with the platform",
        "resolved_by": "A. Controller",
        "evidence_reference": "case 17",
        "owner": "",
    } | changes


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def build(warehouse: Warehouse) -> DbtRun:
    """Build what follows from resolutions, with the laws that hold of it."""
    return warehouse.dbt("build", "--select", "stg_finance__exception_resolutions+")

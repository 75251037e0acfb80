"""What the workbook of a period holds, read from the marts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from coco_warehouse.load.resolutions import read_codes
from coco_warehouse.load.warehouse import quoted
from coco_warehouse.marts import MartsError, query_marts
from coco_warehouse.targets import Target
from coco_warehouse.workbook.columns import EXCEPTIONS, SHEETS, SheetPlan

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Content:
    """A period's sheets with their rows, and the codes that resolve an exception."""

    period: date
    target: str
    sheets: Mapping[str, Sequence[Record]]
    codes: Sequence[str]

    def has(self, plan: SheetPlan) -> bool:
        """Whether a sheet is there."""
        return plan.name in self.sheets

    def rows(self, plan: SheetPlan) -> Sequence[Record]:
        """The rows of a sheet."""
        return self.sheets[plan.name]


class PeriodError(Exception):
    """A period that has not begun; the text says so."""


def read_content(target: Target, period: date, dashboard: str | None) -> Content:
    """Read a period from the marts of a target.

    Args:
        target: where the marts are.
        period: first day of the month.
        dashboard: address of the dashboard, for links to it; none without.

    Raises:
        MartsError: the warehouse cannot be reached, or the exceptions are not built.
        PeriodError: the period begins later than today, and than the day that the marts look from.
    """
    marts, reference = f"{target.schema}_marts", f"{target.schema}_reference"
    tables = "select table_name from information_schema.tables where table_schema = ?"
    (built,) = query_marts(target, [(tables, (marts,))])
    names = {name for (name,) in built}
    if EXCEPTIONS.mart not in names:
        raise MartsError(
            f"The marts of target {target.name} are not built: there is no {EXCEPTIONS.mart} in {marts}.\n"
            f"Build them with: dbt build --target {target.name}"
        )
    # A sample may look from a moment that is yet to come.
    begun = [datetime.now(UTC).date()]
    if "warehouse_state" in names:
        (states,) = query_marts(target, [(f"select as_of_at from {quoted(marts)}.warehouse_state", ())])
        begun += [as_of.date() for (as_of,) in states]
    if period > max(begun):
        raise PeriodError(f"{period:%Y-%m} has not begun: its exceptions can be resolved from {period} on.")
    plans = [plan for plan in SHEETS if plan.mart in names]
    queries = [
        (plan.query.format(marts=quoted(marts), reference=quoted(reference)), (period,) * plan.query.count("?"))
        for plan in plans
    ]
    sheets = {}
    for plan, rows in zip(plans, query_marts(target, queries), strict=True):
        sheets[plan.name] = [dict(zip(plan.fields, row, strict=True)) for row in rows]
    for record in sheets[EXCEPTIONS.name]:
        record["period"] = f"{period:%Y-%m}"
        record["link"] = dashboard_link(record, dashboard)
    return Content(period, target.name, sheets, list(read_codes(target.project_dir)))


def dashboard_link(record: Record, dashboard: str | None) -> str | None:
    """Address of the page of what an exception is about; None without a dashboard."""
    if not dashboard:
        return None
    base = dashboard.rstrip("/")
    page, key = {
        "order": ("order", record["order_id"]),
        "statement_line": ("merchant", record["merchant_id"]),
        "pay_period": ("merchant", record["merchant_id"]),
        "payout": ("payout", record["payout_id"]),
        "deposit": ("payout", record["payout_id"]),
    }.get(str(record["subject_type"]), ("", None))
    return f"{base}/{page}/{quote(str(key), safe='')}" if key else f"{base}/exceptions"

"""The addresses of the pages."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from coco_warehouse.dashboard.reader import Record


def page(name: str, key: object) -> str | None:
    """Return the address of the page of one thing; None where its key is not known."""
    return f"/{name}/{quote(str(key), safe='')}" if key not in (None, "") else None


def with_query(path: str, parameters: Mapping[str, object]) -> str:
    """Return a path with its query; parameters that are null or empty are left out."""
    query = urlencode({name: str(value) for name, value in parameters.items() if value not in (None, "")})
    return f"{path}?{query}" if query else path


def subject(record: Record) -> str | None:
    """Return the address of what an exception is about: its order, payout or merchant; None where none is known."""
    if record.get("subject_type") == "pay_period":
        return page("merchant", record.get("merchant_id"))
    if record.get("order_key") and record.get("subject_type") not in ("payout", "deposit"):
        return page("order", record["order_key"])
    return page("payout", record.get("payout_id"))

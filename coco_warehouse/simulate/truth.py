"""What is true of a run: the labels of everything that departs from the contract, and what each order is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from coco_warehouse.simulate.contract import Store


@dataclass(slots=True)
class Label:
    """A departure: one class on one thing. `cents` by charge type is its share of stated less expected."""

    break_class: str
    store: Store | None
    order_id: str | None
    platform_order_id: str | None
    statement_line: str | None
    cents: dict[str, int]
    note: str
    is_planted: bool
    currency: str = ""
    caused_by: str | None = None


class LabelWriter:
    """Numbers labels and turns them into the lines of truth/faults.ndjson."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._count = 0

    def lines(self, label: Label) -> Iterable[bytes]:
        """One line a charge type; a label without cents is one line with none."""
        self._count += 1
        fault_id = f"{self._prefix}-{self._count}"
        store = label.store
        amounts: list[tuple[str | None, int | None]] = [*label.cents.items()] or [(None, None)]
        for charge_type, cents in amounts:
            yield orjson.dumps(
                {
                    "fault_id": fault_id,
                    "break_class": label.break_class,
                    "origin": "fault" if label.is_planted else "ordinary",
                    "platform": store.platform if store else None,
                    "order_id": label.order_id,
                    "platform_order_id": label.platform_order_id,
                    "platform_store_id": store.store_id if store else None,
                    "statement_line": label.statement_line,
                    "charge_type": charge_type,
                    "cents": cents,
                    "currency_code": label.currency or (store.currency if store else None),
                    "caused_by": label.caused_by,
                    "note": label.note,
                }
            )


def entity_line(
    fault_id: str, break_class: str, entity: str, entity_id: str, note: str, is_planted: bool, platform: str | None
) -> bytes:
    """A line for an integration fault: it has no money, and names the row it stands on."""
    return orjson.dumps(
        {
            "fault_id": fault_id,
            "break_class": break_class,
            "origin": "fault" if is_planted else "ordinary",
            "platform": platform,
            "entity": entity,
            "entity_id": entity_id,
            "cents": None,
            "note": note,
        }
    )

"""Law 7 for orders: however received documents are permuted, repeated and batched, through any number of incremental
runs, the order marts are those of one full build.

A build costs seconds, so many examples are packed into one dataset: the order ids of each begin with its number.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from warehouses import Warehouse

EXAMPLES = 60
BATCHES = 3
FIRST_LOAD = datetime(2026, 10, 1, tzinfo=UTC)
AS_OF = "2026-12-31 00:00:00"

# Without its id, and cut short, nobody can tell of which order a document is.
FLAWS = ("total as text", "no id", "cut short")

# What tells where a document was landed, not what it says.
PLACE_COLUMNS = {
    "document_id",
    "previous_document_id",
    "source_file_name",
    "source_row_number",
    "loaded_at",
    "last_loaded_at",
}


@dataclass(frozen=True)
class Version:
    """A version of an order; `minute` is its own time, and what it looks like then. `flaw`: why it is rejected."""

    order: int
    minute: int
    tip: int
    items: int
    promotions: int
    modifiers: int
    has_financials: bool
    flaw: str


@dataclass(frozen=True)
class Receipt:
    """A version as it was received: when, and in which batch it is loaded."""

    version: Version
    second: int
    batch: int


versions = st.builds(
    Version,
    order=st.integers(0, 2),
    minute=st.integers(0, 3),
    tip=st.integers(0, 3).map(lambda n: n * 100),
    items=st.integers(0, 2),
    promotions=st.integers(0, 2),
    modifiers=st.integers(0, 2),
    has_financials=st.booleans(),
    flaw=st.sampled_from([*[""] * 12, *FLAWS]),
)


@st.composite
def arrivals(draw: st.DrawFn) -> list[Receipt]:
    """Receipts of one example in the order in which files hold them: repeated, out of order, back-dated."""
    received = draw(st.lists(versions, min_size=1, max_size=6))
    repeated = received + draw(st.lists(st.sampled_from(received), max_size=3))
    receipts = [Receipt(version, second, draw(st.integers(0, BATCHES - 1))) for second, version in enumerate(repeated)]
    return draw(st.permutations(receipts))


def document(example: int, version: Version) -> str:
    """The order document of a version, as text."""
    price = {"base": 500, "menu": 500, "unit": 500, "total": 500}
    modifier = {"id": "m", "name": "modifier", "quantity": 1, "price": dict.fromkeys(price, 0)}
    total = 500 * version.items + version.tip
    content: dict[str, Any] = {
        "id": f"{example}-{version.order}",
        "status": "finished",
        "createdAt": "2026-09-01T10:00:00Z",
        "updatedAt": f"2026-09-01T10:{version.minute:02}:00Z",
        "store": {"id": "s", "externalId": "dd-silver-lake-marisol-taqueria", "platform": "doordash"},
        "details": {
            "externalId": f"external-{example}-{version.order}",
            "placedAt": "2026-09-01T10:00:00Z",
            "isPickup": False,
            "consumer": {"name": "Ada Example"},
            "consumers": [],
            "isGroupOrder": False,
            "note": "",
            "deliveryNote": "",
            "isMerchantDelivery": False,
            "total": str(total) if version.flaw == "total as text" else total,
            "subtotal": 500 * version.items,
            "tax": 0,
            "tip": version.tip,
            "deliveryFee": 0,
            "items": [
                {
                    "id": f"i{n}",
                    "name": f"item {n}",
                    "quantity": 1,
                    "price": price,
                    "modifiers": [modifier] * version.modifiers,
                }
                for n in range(version.items)
            ],
            "promotions": [{"name": f"p{n}", "discountValue": n} for n in range(version.promotions)],
        },
    }
    if version.has_financials:
        content["rawPlatformFinancials"] = {
            "totals": {"subtotal": 500 * version.items, "total": total},
            "taxes": {"total": 0},
            "payments": {"total": total, "paymentMethods": [{"paymentType": "CASH", "amount": total}]},
        }
    if version.flaw == "no id":
        del content["id"]
    text = json.dumps(content)
    return text[: len(text) // 2] if version.flaw == "cut short" else text


def write(path: Path, numbered: list[tuple[int, Receipt]]) -> Path:
    """Write receipts as a file of envelopes."""
    lines = [
        json.dumps(
            {
                # No two receipts of an example are of one moment, so that which came later is never in doubt.
                "received_at": (datetime(2026, 9, 1, 11, tzinfo=UTC) + timedelta(seconds=receipt.second)).isoformat(),
                "received_from": "webhook",
                "body": document(example, receipt.version),
            }
        )
        for example, receipt in numbered
    ]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


def order_marts(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every order mart, the columns that tell a document's place left out."""
    marts = {}
    for schema, name in warehouse.rows(
        "select table_schema, table_name from information_schema.tables"
        " where table_schema in ('coco_marts', 'coco_restricted')"
        " and (table_name like 'order%' or table_name like 'rejected%') order by table_name"
    ):
        columns = [
            column
            for (column,) in warehouse.rows(
                "select column_name from information_schema.columns"
                f" where table_schema = '{schema}' and table_name = '{name}' order by ordinal_position"
            )
            if column not in PLACE_COLUMNS
        ]
        rows = warehouse.rows(f"select {', '.join(columns)} from {schema}.{name}")
        marts[name] = sorted(rows, key=repr)
    return marts


def build(warehouse: Warehouse) -> None:
    run = warehouse.dbt("run", "--select", "+models/marts/orders", variables={"as_of": AS_OF})
    run.assert_succeeded()


def drawn_examples(seed_number: int) -> list[list[Receipt]]:
    """Draw examples; they are checked all together, since a build costs seconds."""
    drawn: list[list[Receipt]] = []

    @seed(seed_number)
    @settings(max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate])
    @given(arrivals())
    def draw(example: list[Receipt]) -> None:
        drawn.append(example)

    draw()
    return drawn


def flawed_example() -> list[Receipt]:
    """A version of each flaw, loaded after one that stands."""
    sound = Version(order=0, minute=0, tip=0, items=1, promotions=1, modifiers=1, has_financials=True, flaw="")
    flawed = [replace(sound, minute=1, flaw=flaw) for flaw in FLAWS]
    return [Receipt(sound, 0, 0), *(Receipt(version, second, 1) for second, version in enumerate(flawed, start=1))]


def test_marts_do_not_depend_on_how_documents_arrive(new_warehouse: Callable[[str], Warehouse], tmp_path: Path) -> None:
    seed_number = secrets.randbelow(2**32)
    # What is drawn need not have every flaw.
    examples = [*drawn_examples(seed_number), flawed_example()]
    numbered = [(number, receipt) for number, example in enumerate(examples) for receipt in example]
    step_by_step, at_once = new_warehouse("duckdb"), new_warehouse("duckdb")
    for warehouse in (step_by_step, at_once):
        warehouse.create_empty_tables("config_rds_public")
        warehouse.dbt("seed").assert_succeeded()
    for batch in range(BATCHES):
        batched = [(number, receipt) for number, receipt in numbered if receipt.batch == batch]
        step_by_step.load(
            write(tmp_path / f"batch_{batch}.ndjson", batched), loaded_at=FIRST_LOAD + timedelta(days=batch)
        )
        build(step_by_step)
    in_order = sorted(numbered, key=lambda entry: (entry[0], entry[1].second))
    at_once.load(write(tmp_path / "all.ndjson", in_order), loaded_at=FIRST_LOAD)
    build(at_once)

    found, expected = order_marts(step_by_step), order_marts(at_once)
    assert found.keys() == expected.keys()
    assert len(expected["orders"]) >= EXAMPLES // 2
    rejected_for = {row[-2].partition(":")[0] for row in expected["rejected_order_documents"]}
    assert rejected_for == {"details.total", "id", "not valid JSON"}
    for mart, rows in expected.items():
        assert found[mart] == rows, f"{mart} differs; to replay: drawn_examples({seed_number})"

"""No query of a build makes PostgreSQL look through a list once for each row of another.

It joins two relations so where it expects a few rows of one of them, which it often does of what has no statistics: a
CTE, a group that is filtered. Twice the orders then take four times as long. The sample is small, but what the planner
expected and what came stand apart in it as they do in a large one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from warehouses import Warehouse

# A list this short is looked through as fast as a hash table is.
LONG_ROWS = 20
# How often the planner may be wrong by, and how often a list may be looked through at all.
UNEXPECTED = 10
OFTEN = 50

PLAN = "explain (analyze, timing off, format json) "
INDEXED = {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node of a plan and all below it."""
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


def rows_gone_through(scan: dict[str, Any]) -> float:
    """How many rows a scan reads each time it runs."""
    return float(scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0))


def lists_gone_through(plan: dict[str, Any]) -> list[str]:
    """What the plan reads whole, and unexpectedly often, for rows of another relation."""
    found = []
    for join in nodes(plan):
        if join["Node Type"] != "Nested Loop":
            continue
        outer, inner = join["Plans"][:2]
        came = outer["Actual Rows"] * outer["Actual Loops"]
        if came < OFTEN or came < UNEXPECTED * outer["Plan Rows"]:
            continue
        found += [
            f"{scan.get('CTE Name') or scan.get('Relation Name')}: {rows_gone_through(scan):.0f} rows, "
            f"{scan['Actual Loops']} times; the planner expected {outer['Plan Rows']}"
            for scan in nodes(inner)
            if scan["Node Type"].endswith("Scan")
            and scan["Node Type"] not in INDEXED
            and scan["Actual Loops"] >= OFTEN
            and rows_gone_through(scan) >= LONG_ROWS
        ]
    return found


@pytest.fixture(scope="module")
def queries(postgres_warehouse: Warehouse) -> dict[str, str]:
    """Every model and test of the build, compiled, by its file's name."""
    folder = postgres_warehouse.folder / "target" / "compiled" / "coco_warehouse"
    files = [file for kind in ("models", "tests") for file in sorted((folder / kind).rglob("*.sql"))]
    return {file.stem: file.read_text(encoding="utf-8") for file in files}


def test_no_query_goes_through_all_pairs(postgres_warehouse: Warehouse, queries: dict[str, str]) -> None:
    assert {"order_delivery_links", "int_order_documents", "document_cents_equal_mart_cents"} <= queries.keys()
    found = {}
    for name, query in queries.items():
        [[explained]] = postgres_warehouse.rows(PLAN + query)
        [answer] = explained if isinstance(explained, list) else json.loads(explained)
        if lists := lists_gone_through(answer["Plan"]):
            found[name] = lists
    assert found == {}

"""However often, in whatever reports and whatever order a line is downloaded: the ledger is that of each line once.

What a later download restates, and what it takes back, stands as it was said last, and every state stays to be seen.
"""

from __future__ import annotations

import csv
import random
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from statement_files import (
    Statement,
    assert_equal_ledgers,
    build,
    csv_text,
    ledger,
    parts,
    pending,
    read_statements,
    write_statement,
)
from warehouses import PROJECT, Warehouse

from coco_warehouse.load.files import inspect_file
from coco_warehouse.simulate import simulate

NewWarehouse = Callable[[str], Warehouse]
Ledger = dict[str, Counter[tuple[Any, ...]]]

ORDERS = 400
# All loads are of one day by every store's clock: a line without a day of its own counts for that of its first load.
FIRST_LOAD = datetime(2026, 11, 1, 7, 30, tzinfo=UTC)

# Reports that hold the same lines, the one that says most first; and the report that repeats lines of others.
SAME_LINES = [
    ["FINANCIAL_DETAILED_TRANSACTIONS", "FINANCIAL_SIMPLIFIED_TRANSACTIONS"],
    ["Payment-Details", "Payment-Details-by-item"],
]
REPEATS = "FINANCIAL_ERROR_CHARGES_AND_ADJUSTMENTS"


@dataclass(frozen=True)
class Downloads:
    """Files that hold each line once, files that hold it many times, and the seed that they come of."""

    others: list[Path]
    once: list[Path]
    many: list[Path]
    seed: int


def report_of(statement: Statement) -> str:
    return max(
        (report for reports in SAME_LINES for report in reports if statement.name.startswith(report)),
        key=len,
        default="",
    )


def each_line_once(statements: list[Statement]) -> list[Statement]:
    """Of the downloads of one report and period the last; of reports of the same lines the one that says most."""
    last: dict[str, Statement] = {}
    for statement in statements:
        if not statement.name.startswith(REPEATS):
            last[statement.name.partition("-downloaded-")[0]] = statement
    names = set(last)
    return [
        statement
        for name, statement in last.items()
        if not any(
            report_of(statement) == other and name.replace(other, first, 1) in names
            for first, *others in SAME_LINES
            for other in others
        )
    ]


def is_paid(statement: Statement) -> bool:
    """Whether a statement says that its lines were paid; Grubhub's never says so."""
    places = [
        place
        for place, header in enumerate(statement.header)
        if parts(statement.statement_format).get(header, ("", ""))[1] == "payout_id"
    ]
    return any(row[place] not in ("", "NULL") for row in statement.rows for place in places)


def overlapping(statements: list[Statement]) -> list[Statement]:
    """Downloads of two weeks each, where the files of one week overlap both the week before and the week after."""
    by_group: dict[tuple[str, tuple[str, ...]], list[Statement]] = defaultdict(list)
    for statement in statements:
        what = statement.name.partition("-downloaded-")[0].rsplit("-", 3)[0]
        by_group[what, statement.header].append(statement)
    return [
        replace(first, name=f"two weeks {first.name}", rows=first.rows + second.rows)
        for group in by_group.values()
        for first, second in pairwise(group)
    ]


def names_and_forms(statement: Statement, folder: Path) -> list[Path]:
    """The same statement under five names: as it is, as it is again, and with other bytes that say the same."""
    text = csv_text([statement.header, *statement.rows])
    forms = {
        "": text.encode(),
        " (1)": text.encode(),
        " (2)": b"\xef\xbb\xbf" + text.encode(),
        " (3)": csv_text([statement.header, *statement.rows], "\r\n").encode(),
        " (4)": csv_text([statement.header, *reversed(statement.rows)]).encode(),
    }
    folder.mkdir(parents=True)
    paths = [folder / statement.name.replace(".csv", f"{mark}.csv") for mark in forms]
    for path, content in zip(paths, forms.values(), strict=True):
        path.write_bytes(content)
    return paths


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    seed = secrets.randbelow(2**32)
    folder = tmp_path_factory.mktemp("overlaps")
    simulate(folder / "sample", orders=ORDERS, seed=seed, faults=0.25, project_dir=PROJECT)
    raw = folder / "sample" / "raw"
    everything = read_statements(raw / "statements")
    once = each_line_once(everything)
    many = [write_statement(statement, folder / "many") for statement in everything]
    assert any(path.name.startswith(REPEATS) for path in many), f"seed {seed}"
    for first, *others in SAME_LINES:
        for other in others:
            assert any(path.name.startswith(other) for path in many), f"seed {seed}"
            assert any(path.name.startswith(f"{first}-") for path in many), f"seed {seed}"
    # Payout summaries hold no lines.
    stated = [one for one in once if "source_line_type" in attributes(one)]
    many += [write_statement(pending(one), folder / "many") for one in stated if is_paid(one)]
    many += [write_statement(one, folder / "many") for one in overlapping(stated)]
    chosen = random.Random(seed).sample(once, 12)
    many += [path for number, one in enumerate(chosen) for path in names_and_forms(one, folder / f"names {number}")]
    others_raw = [path for path in raw.iterdir() if path.name != "statements"]
    return Downloads(others_raw, [write_statement(one, folder / "once") for one in once], many, seed)


def attributes(statement: Statement) -> set[str]:
    return {attribute for _, attribute in parts(statement.statement_format).values()}


@pytest.fixture(scope="module")
def once(
    downloads: Downloads, warehouse_at: Callable[[str, Path], Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> Ledger:
    """The ledger of each line once, in one load."""
    warehouse = warehouse_at("duckdb", tmp_path_factory.mktemp("once"))
    warehouse.load(*downloads.others, *downloads.once, loaded_at=FIRST_LOAD)
    build(warehouse)
    return ledger(warehouse)


@pytest.mark.parametrize(("engine", "arrival"), [("duckdb", 1), ("duckdb", 2), ("postgres", 3)])
def test_any_order_of_overlapping_downloads_comes_to_each_line_once(
    engine: str, arrival: int, downloads: Downloads, once: Ledger, new_warehouse: NewWarehouse
) -> None:
    order = random.Random(downloads.seed + arrival)
    replay = f"to replay: seed = {downloads.seed}, arrival {arrival}"
    files = order.sample(downloads.many, len(downloads.many))
    cuts = sorted(order.sample(range(1, len(files)), 3))
    warehouse = new_warehouse(engine)
    warehouse.load(*downloads.others, loaded_at=FIRST_LOAD)
    for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(files)], strict=True), start=1):
        report = warehouse.load(*files[start:end], loaded_at=FIRST_LOAD + timedelta(hours=number))
        assert not report.with_status("refused"), replay
    build(warehouse)
    assert_equal_ledgers(once, ledger(warehouse), replay)
    assert_files_and_rows_hold_their_lines(warehouse, downloads.many, replay)


def assert_files_and_rows_hold_their_lines(warehouse: Warehouse, files: list[Path], replay: str) -> None:
    """Every row is a state, each state names the record that holds it, and the standing state is that of the line."""
    records = {}
    for path in files:
        with path.open(encoding="utf-8-sig", newline="") as text:
            records[inspect_file(path).content_hash] = list(csv.reader(text))
    states = warehouse.rows(
        "select statement_line_id, source_file_hash, source_row_number, platform_transaction_id, is_standing, "
        "is_other_amount from coco_marts.statement_line_states"
    )
    for _, file_hash, number, transaction, _, is_other in states:
        record = records[file_hash][number - 1]
        assert transaction is None or transaction in record, replay
        assert not is_other, replay
    ((line_rows,),) = warehouse.rows(
        "select count(*) from coco_intermediate.int_statement_rows where row_outcome = 'line'"
    )
    assert len(states) == line_rows, replay
    standing = sorted((line, file_hash, number) for line, file_hash, number, _, is_standing, _ in states if is_standing)
    lines = "select statement_line_id, source_file_hash, source_row_number from coco_marts.statement_lines"
    assert standing == sorted(warehouse.rows(lines)), replay
    counted = "select statement_line_id, state_count from coco_marts.statement_lines"
    assert dict(warehouse.rows(counted)) == Counter(line for line, *_ in states), replay
    assert max(Counter(line for line, *_ in states).values()) >= 5, replay


# -- What is said anew ---------------------------------------------------------------------------------------------

SIMPLIFIED = [header for header in parts("doordash_simplified")]
DETAILED = [header for header in parts("doordash_detailed") if not header.startswith("*")]


def line(headers: list[str], transaction: str, net: str, payout: str = "NULL", day: str = "2026-10-20") -> list[str]:
    """A sale as a DoorDash report has it."""
    cells = {
        "Store ID": "1",
        "Store name": "Somewhere",
        "Transaction type": "Order",
        "Timestamp local time": f"{day} 12:00:00",
        "Timestamp local date": day,
        "DoorDash transaction ID": transaction,
        "DoorDash order ID": f"AAAAAA{transaction}",
        "Subtotal": net,
        "Net total": net,
        "Payout ID": payout,
        "Payout date": "NULL" if payout == "NULL" else "2026-10-29",
    }
    return [cells.get(header, "NULL") for header in headers]


Load = tuple[list[str], list[list[str]]]

# Loads one after another, and the lines that stand in the end: net, whether restated, settled by.
RESTATED: dict[str, tuple[list[Load], dict[str, tuple[int, bool, str | None]]]] = {
    "other cents": (
        [(SIMPLIFIED, [line(SIMPLIFIED, "11", "5.00")]), (SIMPLIFIED, [line(SIMPLIFIED, "11", "4.00")])],
        {"11": (400, True, None)},
    ),
    "other cents in the report that says less": (
        [(DETAILED, [line(DETAILED, "11", "5.00")]), (SIMPLIFIED, [line(SIMPLIFIED, "11", "4.00")])],
        {"11": (400, True, None)},
    ),
    "what was paid is not undone by what was to be": (
        [(SIMPLIFIED, [line(SIMPLIFIED, "11", "5.00", "P1")]), (SIMPLIFIED, [line(SIMPLIFIED, "11", "4.00")])],
        {"11": (500, True, "doordash:P1")},
    ),
    "paid, by the report that says less": (
        [(DETAILED, [line(DETAILED, "11", "5.00")]), (SIMPLIFIED, [line(SIMPLIFIED, "11", "5.00", "P1")])],
        {"11": (500, False, "doordash:P1")},
    ),
    "taken back": (
        [
            (SIMPLIFIED, [line(SIMPLIFIED, "11", "5.00"), line(SIMPLIFIED, "12", "7.00")]),
            (SIMPLIFIED, [line(SIMPLIFIED, "12", "7.00")]),
        ],
        {"12": (700, False, None)},
    ),
    "taken back, and said again": (
        [
            (SIMPLIFIED, [line(SIMPLIFIED, "11", "5.00"), line(SIMPLIFIED, "12", "7.00")]),
            (SIMPLIFIED, [line(SIMPLIFIED, "12", "7.00")]),
            (SIMPLIFIED, [line(SIMPLIFIED, "12", "7.00"), line(SIMPLIFIED, "11", "6.00")]),
        ],
        {"11": (600, True, None), "12": (700, False, None)},
    ),
    "left out once it was paid": (
        [
            (SIMPLIFIED, [line(SIMPLIFIED, "11", "5.00", "P1"), line(SIMPLIFIED, "12", "7.00")]),
            (SIMPLIFIED, [line(SIMPLIFIED, "12", "7.00", "P2")]),
        ],
        {"11": (500, False, "doordash:P1"), "12": (700, False, "doordash:P2")},
    ),
    "a download of other days": (
        [
            (SIMPLIFIED, [line(SIMPLIFIED, "11", "5.00"), line(SIMPLIFIED, "12", "7.00", day="2026-10-21")]),
            (SIMPLIFIED, [line(SIMPLIFIED, "12", "7.00", "P2", day="2026-10-21")]),
        ],
        {"11": (500, False, None), "12": (700, False, "doordash:P2")},
    ),
    "left out of one report, and in another": (
        [
            (SIMPLIFIED, [line(SIMPLIFIED, "11", "5.00"), line(SIMPLIFIED, "12", "7.00")]),
            (DETAILED, [line(DETAILED, "11", "5.00")]),
            (SIMPLIFIED, [line(SIMPLIFIED, "12", "7.00")]),
        ],
        {"11": (500, False, None), "12": (700, False, None)},
    ),
}


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_what_was_said_last_stands_and_every_state_is_kept(
    engine: str, new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    warehouse = new_warehouse(engine)
    warehouse.create_empty_tables("config_rds_public")
    expected: dict[str, tuple[int, bool, str | None]] = {}
    row_count = 0
    withdrawn = set()
    # Each case has a store and transactions of its own.
    for store, (case, (loads, standing)) in enumerate(RESTATED.items(), start=1):
        named = {old: f"{store}{old}" for old in ("11", "12")}
        expected |= {named[old]: found for old, found in standing.items()}
        withdrawn |= {named["11"]} if "11" not in standing else set()
        for number, (headers, rows) in enumerate(loads, start=1):
            path = tmp_path / f"{case} {number}.csv"
            own = [
                [
                    named.get(cell, cell)
                    if header == "DoorDash transaction ID"
                    else str(store)
                    if header == "Store ID"
                    else cell
                    for header, cell in zip(headers, row, strict=True)
                ]
                for row in rows
            ]
            path.write_text(csv_text([headers, *own]), encoding="utf-8")
            row_count += len(rows)
    for number in (1, 2, 3):
        warehouse.load(*sorted(tmp_path.glob(f"* {number}.csv")), loaded_at=FIRST_LOAD + timedelta(hours=number))
    build(warehouse)
    lines = warehouse.rows(
        "select platform_transaction_id, net_cents, is_restated, payout_id from coco_marts.statement_lines"
    )
    assert {name: (cents, is_restated, payout) for name, cents, is_restated, payout in lines} == expected
    states = warehouse.rows(
        "select platform_transaction_id, is_standing, is_withdrawn from coco_marts.statement_line_states"
    )
    assert len(states) == row_count
    assert {name for name, _, is_withdrawn in states if is_withdrawn} == withdrawn
    assert sorted(name for name, is_standing, _ in states if is_standing) == sorted(expected)

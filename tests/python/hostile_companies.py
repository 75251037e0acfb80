"""Companies whose files say what nobody expects in them, built on DuckDB and PostgreSQL and compared.

Odd numbers have hostile texts for cells, leaves of documents and payloads of calls: digits of other scripts, dates that
do not exist, texts that mean something to SQL, HTML or a spreadsheet. Even ones have amounts as large as a statement
row or a document may state. Whatever is in them, the laws hold and the engines have the same marts.

    python tests/python/hostile_companies.py 100 110

makes the companies 100 to 109, a minute or two each.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from agreement import assert_same_mart, marts_of
from broken_companies import laws_broken, leaves, read_table, write_table
from warehouses import PROJECT, RUN_FOLDER, Warehouse, create_database, start_postgres

from coco_warehouse.simulate import simulate

ORDERS = 300
FAULTS = 0.05
SHARES = (0.05, 0.2, 0.5)

Json = Any

NUMBERS = (
    *("\uff11\uff12.\uff13\uff14", "\u0661\u0662.\u0663\u0664", "\u00a012.34", "12.34\u00a0", "\u221212.34", "12,34"),
    *(
        "1e3",
        "0x10",
        "NaN",
        "Infinity",
        "-0.00",
        "+5.00",
        "00012.30",
        "9999999999999.99",
        "12.345",
        "$ 12.34",
        "(12.34)",
    ),
    *("-$12.34", "12.34-", "USD 12.34", "0", "1", "-1", "9223372036854775807", "9223372036854775808", "1" * 30),
)
TIMES = (
    *("2026-02-30", "2026-9-5", "09/31/2026", "31/12/2026", "2026-10-05T24:00:00Z", "2026-10-05T23:59:60Z"),
    *("2026-10-05 12:00:00+25:00", "0000-00-00", "9999-12-31", "1900-01-01", "20261005", "2026-W40", "Oct 5, 2026"),
    *("10/05/26", "2026-10-05T10:00:00.123456789Z", "2026-11-01 01:30:00", "2026-10-05T10:00:00-07"),
    *("9999-12-31T23:59:59Z", "10000-01-01T00:00:00Z"),
)
TEXTS = (
    *(
        "",
        "NULL",
        "null",
        "None",
        "N/A",
        "-",
        " ",
        "\t",
        "a\tb",
        "a\nb",
        "a\rb",
        "a\\b",
        "a'b",
        'a"b',
        '""',
        "true",
        "false",
    ),
    *("'; drop table x; --", "<script>alert(1)</script>", "=1+1", "%", "_", "%%s", "{}", "{{ x }}", "$1", ":x", "?"),
    *("\\N", "\\x00", "\u200b", "\u202eabc", "\ufeffx", "\u00e9", "e\u0301", "\u0130", "\u0131", "\u00df", "SS"),
    *("\u0149", "\u01c6", "\ufb00", "\u03a3\u03c2", "\U0001f600", "x" * 5000, "a\u2028b", "\x85", "\x1f", "\x7f"),
    *("usd", "US$", "USDUSD", "eur ", "Eur", "\u20ac", "XXX"),
)
HOSTILE = (*NUMBERS, *TIMES, *TEXTS)
AROUND = ("\u00a0", " ", "\u200b", "\ufeff", "\t", "\n", "\u0301")
WITHIN = "\uff10\u00e9\u0663\u00ad\u200d'\"\\,;"
# A document can hold what no file can.
LEAVES = (*HOSTILE, "\x00a", 1e3, 12.5, -0.0, True, None, 10**11, -(10**12), 1e308, [], {}, [None], {"a": []})
# What a statement row may say, and what a document may.
AMOUNTS = ("9999999999999.99", "-9999999999999.99", "999999999.99", "5000000000000.00", "0.01", "-0.01", "0.00")
CENTS = (999_999_999_999, -999_999_999_999, 999_999, 1, 0)


def make_hostile(folder: Path, number: int) -> Path:
    """Make the raw files of the company of a number in an empty folder, the same each time."""
    random = Random(number)
    simulate(folder / "sample", orders=ORDERS, seed=number, faults=FAULTS, project_dir=PROJECT)
    raw = folder / "sample" / "raw"
    share = random.choice(SHARES)
    tables = [*sorted((raw / "statements").glob("*/*.csv")), *sorted((raw / "bank").glob("*.csv"))]
    documents = sorted((raw / "order_documents").iterdir())
    if number % 2 == 0:
        change_rows(random, tables, share, large_amounts)
        change_lines(random, documents, share, large_leaves)
        return raw
    change_rows(random, tables, share, hostile_cells)
    change_lines(random, documents, share / 2, hostile_leaves)
    change_lines(random, sorted((raw / "tables").rglob("*.ndjson")), share / 2, hostile_payloads)
    return raw


def change_rows(
    random: Random, paths: list[Path], share: float, change: Callable[[Random, list[str]], list[str]]
) -> None:
    """Change a share of the rows below the header, which is the first row as wide as any."""
    for path in paths:
        rows = read_table(path)
        width = max(map(len, rows))
        first = next(number for number, row in enumerate(rows) if len(row) == width) + 1
        body = [change(random, row) if row and random.random() < share else row for row in rows[first:]]
        write_table(path, rows[:first] + body)


def hostile_cells(random: Random, row: list[str]) -> list[str]:
    """The row with one or two other cells."""
    changed = row.copy()
    for _ in range(random.choice((1, 1, 2))):
        number = random.randrange(len(row))
        changed[number] = hostile_cell(random, changed[number])
    return changed


def hostile_cell(random: Random, cell: str) -> str:
    """A text that has nothing to do with the cell, or the cell with something around, within or after it."""
    drawn = random.random()
    if drawn < 0.5:
        return random.choice(HOSTILE)
    if drawn < 0.6:
        return cell + random.choice(AROUND)
    if drawn < 0.7:
        return random.choice(AROUND) + cell
    if drawn < 0.8:
        return random.choice((cell.upper(), cell.lower()))
    if drawn < 0.9 and cell:
        number = random.randrange(len(cell))
        return cell[:number] + random.choice(WITHIN) + cell[number + 1 :]
    return cell * 2


def large_amounts(random: Random, row: list[str]) -> list[str]:
    """The row with most of its amounts as large, or as small, as can be."""
    return [
        random.choice(AMOUNTS) if re.fullmatch(r"-?\$?-?[\d,]+\.\d\d", cell) and random.random() < 0.6 else cell
        for cell in row
    ]


def change_lines(random: Random, paths: list[Path], share: float, change: Callable[[Random, Json], None]) -> None:
    """Change a share of the JSON objects of files that hold one a line, or one as a text in the member `body`."""
    for path in paths:
        lines = []
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.strip():
                lines.append(changed_line(random, line, change) if random.random() < share else line)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def changed_line(random: Random, line: str, change: Callable[[Random, Json], None]) -> str:
    try:
        received = json.loads(line)
        is_wrapped = isinstance(received.get("body"), str)
        document = json.loads(received["body"]) if is_wrapped else received
    except ValueError:
        return line
    if not isinstance(document, dict):
        return line
    change(random, document)
    text = json.dumps(document, ensure_ascii=random.random() < 0.5)
    return json.dumps(received | {"body": text}) if is_wrapped else text


def hostile_leaves(random: Random, document: Json) -> None:
    """Change up to four leaves of a document, not its id."""
    for _ in range(random.randint(1, 4)):
        holder, key = random.choice(list(leaves(document)))
        if holder is document and key == "id":
            continue
        value = holder[key]
        is_kept = isinstance(value, str) and random.random() < 0.4
        holder[key] = hostile_cell(random, value) if is_kept else random.choice(LEAVES)


def large_leaves(random: Random, document: Json) -> None:
    """Change many of the whole numbers of a document."""
    for holder, key in list(leaves(document)):
        is_number = isinstance(holder[key], int) and not isinstance(holder[key], bool)
        if is_number and random.random() < 0.4:
            holder[key] = random.choice(CENTS)


def hostile_payloads(random: Random, row: Json) -> None:
    """Change some leaves of the documents that a table's row holds as texts; cut one off now and then."""
    for name, value in row.items():
        if not isinstance(value, str) or not value.startswith("{"):
            continue
        payload = json.loads(value)
        for _ in range(random.randint(1, 3)):
            if found := list(leaves(payload)):
                holder, key = random.choice(found)
                holder[key] = random.choice(LEAVES)
        text = json.dumps(payload, ensure_ascii=random.random() < 0.5)
        row[name] = text[:-2] if random.random() < 0.05 else text


def build_on(warehouse: Warehouse, raw: Path) -> list[str]:
    """Load and build in a new database; what fails, by its name."""
    warehouse.folder.mkdir()
    shutil.copy(PROJECT / "profiles.example.yml", warehouse.folder / "profiles.yml")
    create_database(warehouse)
    warehouse.load(raw)
    run = warehouse.dbt("build")
    (warehouse.folder / "output.txt").write_text(run.output, encoding="utf-8")
    return laws_broken(run)


def different_marts(one: Warehouse, other: Warehouse) -> list[str]:
    different = []
    for name, node in marts_of(one).items():
        try:
            assert_same_mart(one, other, node)
        except AssertionError as difference:
            different.append(f"{name}: {str(difference)[:1000]}")
    return different


def main(first: int, last: int) -> None:
    parent = Path(tempfile.mkdtemp(prefix="hostile-companies-"))
    os.environ[RUN_FOLDER] = str(parent)
    print(f"Kept where something fails: {parent}", flush=True)
    (parent / "server").mkdir()
    server = start_postgres(parent / "server" / "data")
    atexit.register(server.stop)
    for number in range(first, last):
        folder = parent / str(number)
        folder.mkdir()
        raw = make_hostile(folder, number)
        postgres = {
            "COCO_POSTGRES_HOST": str(server.get_postmaster_info().socket_dir),
            "COCO_POSTGRES_USER": server.postgres_user,
            "COCO_POSTGRES_PASSWORD": "unused",
            "COCO_POSTGRES_DATABASE": f"hostile_{number}",
        }
        duckdb = {"COCO_DUCKDB_PATH": str(folder / "duckdb" / "warehouse.duckdb")}
        one = Warehouse("duckdb", folder / "duckdb", duckdb)
        other = Warehouse("postgres", folder / "postgres", postgres)
        failed = {warehouse.engine: build_on(warehouse, raw) for warehouse in (one, other)}
        different = [] if any(failed.values()) else different_marts(one, other)
        laws = failed if any(failed.values()) else "all laws hold"
        print(number, laws, *different or ["all marts equal"], flush=True)
        if not any(failed.values()) and not different:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

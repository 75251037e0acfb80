"""Broken companies closed twice, with files that come late, resolutions between, and seeds mended for every second one.

    python tests/python/broken_closes.py 100 104

takes the companies 100 to 103 through it on DuckDB, some three minutes each, and says of each which laws fail and which
marts are not those of one build of everything.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from random import Random

from broken_companies import break_company, laws_broken
from closing import EVERYTHING, Row, assert_same, close, closed_rows, mart_rows, moment, run
from resolving import exceptions, resolution, write_csv
from warehouses import PROJECT, RUN_FOLDER, Warehouse, copy_database

from coco_warehouse.close import CloseError

FIRST_DAY, SECOND_DAY, LAST_DAY = date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
OPEN_CODES = ("disputed", "recovered", "accepted", "corrected", "written_off")
# Of the files of orders, statements and the bank the share that comes after a close.
LATE_SHARE = 0.25
BUILT = ("staging", "intermediate", "marts", "restricted", "reference")
# What two runs saw differently is outside the law.
OF_RUNS = {"integration_setting_changes", "integration_settings"}


def resolve_some(random: Random, warehouse: Warehouse, file: Path, loaded_at: datetime) -> None:
    """Resolve exceptions at random as a controller could, and reopen some that are settled."""
    known = sorted(exceptions(warehouse).values(), key=lambda row: str(row["exception_id"]))
    chosen = random.sample(known, min(30, len(known)))
    rows = [
        resolution(
            row,
            resolution_code=random.choice(OPEN_CODES) if row["open_cents"] else "reopened",
            period=f"{loaded_at:%Y-%m}",
        )
        for row in chosen
    ]
    warehouse.load(write_csv(file, rows), loaded_at=loaded_at)


def close_with_what_is_before(warehouse: Warehouse, month: date, day: date) -> Mapping[str, Counter[Row]]:
    """Close a month in the evening, an hour after each month before it that a wrong date has opened.

    Returns what the close froze.
    """
    for hour in range(18, 24):
        frozen = closed_rows(warehouse, month)
        try:
            close(warehouse, month, moment(day, hour))
        except CloseError as refused:
            earlier = re.search(r"first: (\d{4})-(\d{2})", str(refused))
            if not earlier:
                raise
            close(warehouse, date(int(earlier[1]), int(earlier[2]), 1), moment(day, hour))
            run(warehouse, moment(day, hour).replace(minute=30), *EVERYTHING)
        else:
            return frozen
    raise AssertionError(f"{month:%Y-%m} is not closed after six months that had to be closed before it")


def broken_laws(warehouse: Warehouse, as_of: datetime) -> list[str]:
    """The laws that fail, as of a moment."""
    return laws_broken(warehouse.dbt("test", "--select", "test_type:singular", variables={"as_of": str(as_of)[:19]}))


def close_twice(folder: Path, seed: int) -> list[str]:
    """Take a company through two closes. Returns what went wrong: laws that fail, and marts that are not made alike."""
    random = Random(seed)
    company = break_company(folder, seed)
    files = sorted(path for path in company.raw.rglob("*") if path.is_file())
    movable = [path for path in files if path.parent.name != "tables"]
    late = random.sample(movable, int(len(movable) * LATE_SHARE))
    after_first, after_second = late[::2], late[1::2]
    shutil.copy(PROJECT / "profiles.example.yml", folder / "profiles.yml")
    path = {"COCO_DUCKDB_PATH": str(folder / "warehouse.duckdb")}
    warehouse = Warehouse("duckdb", folder, path, company.project)

    def build_and_resolve(day: date, arrived: list[Path]) -> list[str]:
        warehouse.load(*arrived, loaded_at=moment(day, 6))
        run(warehouse, moment(day, 12), *EVERYTHING)
        resolve_some(random, warehouse, folder / f"resolutions-{day}.csv", moment(day, 14))
        run(warehouse, moment(day, 16), *EVERYTHING)
        return broken_laws(warehouse, moment(day, 16))

    wrong = build_and_resolve(FIRST_DAY, [path for path in files if path not in late])
    september = close_with_what_is_before(warehouse, SEPTEMBER, FIRST_DAY)
    if seed % 2:
        shutil.copytree(PROJECT / "seeds", company.project / "seeds", dirs_exist_ok=True)
    wrong += build_and_resolve(SECOND_DAY, sorted(after_first))
    assert_same(closed_rows(warehouse, SEPTEMBER), september)
    october = close_with_what_is_before(warehouse, OCTOBER, SECOND_DAY)
    wrong += build_and_resolve(LAST_DAY, sorted(after_second))
    assert_same(closed_rows(warehouse, OCTOBER), october)

    once = Warehouse("duckdb", folder, {"COCO_DUCKDB_PATH": str(folder / "once.duckdb")}, company.project)
    copy_database(warehouse, once)
    once.execute(*(f"drop schema coco_{name} cascade" for name in BUILT))
    run(once, moment(LAST_DAY, 16), *EVERYTHING)
    found = warehouse.rows("select table_name from information_schema.tables where table_schema = 'coco_marts'")
    marts = sorted({name for (name,) in found} - OF_RUNS)
    return wrong + [f"{mart} otherwise" for mart in marts if mart_rows(warehouse, mart) != mart_rows(once, mart)]


def main(first: int, last: int) -> None:
    parent = Path(tempfile.mkdtemp(prefix="broken-closes-"))
    os.environ[RUN_FOLDER] = str(parent)
    print(f"Kept where something is wrong: {parent}", flush=True)
    for seed in range(first, last):
        folder = parent / str(seed)
        folder.mkdir()
        try:
            wrong = close_twice(folder, seed)
        except (AssertionError, CloseError) as stopped:
            wrong = [str(stopped)[-2000:]]
        print(seed, ", ".join(wrong) or "all laws hold, and everything built once is the same", flush=True)
        if not wrong:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

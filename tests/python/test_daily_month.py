"""A month of simulated days, run one by one, comes to what one build of everything comes to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from closing import (
    EVERYTHING,
    assert_same,
    by_arrival,
    close,
    closed_rows,
    create_extract_tables,
    load_days,
    mart_rows,
    moment,
    run,
)
from resolving import exceptions, resolution, write_csv
from warehouses import Warehouse, copy_database

from coco_warehouse.simulate import simulate

ORDERS, SEED, FAULTS, DAYS = 70, 5, 0.12, 31
LAST_DAY = date(2026, 10, 15)
SEPTEMBER = date(2026, 9, 1)
# Every fifth day the models that take what is new are built; all are on the days on which somebody works with them.
CLOSED_ON, WRITTEN_OFF_ON, REOPENED_ON = date(2026, 10, 6), date(2026, 9, 28), date(2026, 10, 12)
INCREMENTAL = (*EVERYTHING, "--select", "+path:models/intermediate/orders")
# What two runs saw differently is outside the law.
OF_RUNS = {"integration_setting_changes", "integration_settings"}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    simulate(tmp_path / "sample", orders=ORDERS, seed=SEED, faults=FAULTS, days=DAYS, end_date=LAST_DAY)
    return tmp_path / "sample" / "raw"


def marts_of(warehouse: Warehouse) -> list[str]:
    found = warehouse.rows("select table_name from information_schema.tables where table_schema = 'coco_marts'")
    return sorted({name for (name,) in found} - OF_RUNS)


def resolve(warehouse: Warehouse, folder: Path, day: date, code: str, which: slice) -> None:
    """Resolve some open exceptions (with `reopened`: some that are settled) as a controller would."""
    known = exceptions(warehouse).values()
    chosen = sorted(
        (row for row in known if bool(row["open_cents"]) != (code == "reopened")), key=lambda row: row["exception_id"]
    )[which]
    assert chosen
    rows = [resolution(row, resolution_code=code, period=f"{day:%Y-%m}") for row in chosen]
    load_days(warehouse, [write_csv(folder / f"{code}-{day}.csv", rows)], moment(day, 20))


def test_day_by_day_comes_to_one_build_of_everything(
    new_warehouse: Callable[[str], Warehouse], raw: Path, tmp_path: Path
):
    daily = new_warehouse("duckdb")
    create_extract_tables(daily)
    files = by_arrival(raw)
    # These two come three weeks late, after the close.
    late = [next(path for path in files[date(2026, 9, 22)] if path.name.startswith("orders-"))]
    late += [next(path for path in sorted((raw / "statements").rglob("*2026-09-2*.csv")))]
    first = min(files)
    kept = {}
    for day in (first + timedelta(days=number) for number in range((LAST_DAY - first).days + 1)):
        arrived = [path for path in files.get(day, []) if path not in late]
        load_days(daily, [*arrived, *(late if day == LAST_DAY else [])], moment(day, 18))
        whole = day in (CLOSED_ON, WRITTEN_OFF_ON, REOPENED_ON)
        if whole or (day - first).days % 5 == 0:
            run(daily, moment(day, 19), *(EVERYTHING if whole else INCREMENTAL))
        if day == WRITTEN_OFF_ON:
            resolve(daily, tmp_path, day, "written_off", slice(0, 3))
            resolve(daily, tmp_path, day, "accepted", slice(3, 6))
        elif day == REOPENED_ON:
            resolve(daily, tmp_path, day, "reopened", slice(0, 2))
            assert_same(closed_rows(daily, SEPTEMBER), kept)
        elif day == CLOSED_ON:
            kept = closed_rows(daily, SEPTEMBER)
            close(daily, SEPTEMBER, moment(day, 21))

    assert all(kept.values())
    now = moment(LAST_DAY, 23)
    run(daily, now, *EVERYTHING)
    assert_same(closed_rows(daily, SEPTEMBER), kept)
    assert mart_rows(daily, "period_changes")
    assert daily.rows("select count(*) from coco_marts.journal_entries where entry_type = 'prior_period'") != [(0,)]
    run(daily, now, "test", "--select", "test_type:singular")

    # Everything at once: the same raw data, resolutions and closes, and none of the tables that were built.
    once = new_warehouse("duckdb")
    copy_database(daily, once)
    schemas = ("staging", "intermediate", "marts", "restricted", "reference")
    once.execute(*(f"drop schema coco_{name} cascade" for name in schemas))
    run(once, now, *EVERYTHING)
    marts = marts_of(daily)
    assert marts == marts_of(once)
    assert_same({mart: mart_rows(daily, mart) for mart in marts}, {mart: mart_rows(once, mart) for mart in marts})

    # Looked at from the day of the close, in schemas of its own, the close is not there yet and its figures are.
    profile = once.folder / "profiles.yml"
    profile.write_text(
        profile.read_text(encoding="utf-8").replace("schema: coco\n", "schema: then\n"), encoding="utf-8"
    )
    run(once, moment(CLOSED_ON, 19), *EVERYTHING)
    assert_same(
        {mart: mart_rows(once, mart, SEPTEMBER, "then_marts", without="is_closed_period") for mart in kept}, kept
    )
    assert once.rows("select count(*) from then_marts.closed_periods") == [(0,)]

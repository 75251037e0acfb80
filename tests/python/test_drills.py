"""What production meets: a pulled plug, a server that goes away, a full disk, two at once, a clock that jumps.

Each drill ends with the same command again, and then with the very rows of a warehouse to which nothing happened.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from closing import EVERYTHING
from dashboards import reader_of, text_of
from warehouses import (
    AS_OF,
    LOADED_AT,
    PROJECT,
    RUN_FOLDER,
    Warehouse,
    create_database,
    start_postgres,
    write_parsed,
)

from coco_warehouse.dashboard.pages.overview import overview

ENGINES = ["duckdb", "postgres"]
BIN = Path(sys.executable).parent

Contents = dict[str, Counter[tuple[Any, ...]]]


def contents(warehouse: Warehouse, schemas: str) -> Contents:
    """Every row of every table in schemas like the pattern, by table."""
    tables = warehouse.rows(
        "select table_schema, table_name from information_schema.tables"
        f" where table_type = 'BASE TABLE' and table_schema similar to '{schemas}'"
    )
    return {
        f"{schema}.{table}": Counter(
            tuple(str(value) for value in row) for row in warehouse.rows(f'select * from "{schema}"."{table}"')
        )
        for schema, table in tables
    }


RAW = "(order_api|payout_statements|bank|config_rds_public|coco_load|deliveries%_rds_public)"
BUILT = "coco_(marts|restricted|intermediate|reference)"


def assert_same(found: Contents, expected: Contents) -> None:
    assert sorted(found) == sorted(expected)
    different = [table for table in expected if found[table] != expected[table]]
    assert different == []
    assert any(expected.values())


def start(warehouse: Warehouse, *command: str) -> subprocess.Popen[str]:
    """Start a command of the environment on a warehouse, as a user would."""
    return subprocess.Popen(
        [str(BIN / command[0]), *command[1:]],
        cwd=PROJECT,
        env={**os.environ, **warehouse.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def start_build(warehouse: Warehouse) -> subprocess.Popen[str]:
    """Start a build of everything, less the tests: the drills look at every row themselves.

    It is the command `dbt` in a process of its own, save that the project is parsed already.
    """
    parsed = write_parsed(warehouse, Path(tempfile.mkdtemp(prefix="manifest_", dir=os.environ[RUN_FOLDER])))
    return start(
        warehouse,
        *("python", str(PROJECT / "tests" / "python" / "parsed_dbt.py"), str(parsed)),
        *("--no-use-colors", *EVERYTHING, "--target", warehouse.target),
        *("--vars", json.dumps({"as_of": AS_OF})),
        *("--profiles-dir", str(warehouse.folder), "--target-path", str(warehouse.folder / "target")),
        *("--log-path", str(warehouse.folder / "logs")),
    )


def start_load(warehouse: Warehouse, *paths: Path) -> subprocess.Popen[str]:
    return start(
        warehouse,
        *("coco", "load", "--target", warehouse.target, "--profiles-dir", str(warehouse.folder)),
        *("--loaded-at", LOADED_AT.strftime("%Y-%m-%d %H:%M:%S"), *map(str, paths)),
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a command. Returns its exit code and what it printed."""
    output, _ = process.communicate(timeout=600)
    return process.returncode, output


def read_until(process: subprocess.Popen[str], pattern: str) -> str:
    """Read what a command prints until a line has the pattern; the command goes on."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if re.search(pattern, line):
            return "".join(seen)
    raise AssertionError(f"nothing printed had {pattern!r}:\n{''.join(seen)}")


def kill(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    code, _ = finish(process)
    assert code == -signal.SIGKILL


@pytest.mark.parametrize("engine", ENGINES)
def test_a_load_that_is_killed_leaves_nothing(
    new_warehouse: Callable[[str], Warehouse], built_warehouse: Callable[[str], Warehouse], sample: Path, engine: str
) -> None:
    complete = contents(built_warehouse(engine), RAW)
    warehouse = new_warehouse(engine)
    begun = time.monotonic()
    code, output = finish(start_load(new_warehouse(engine), sample / "raw"))
    assert code == 0, output
    whole = time.monotonic() - begun
    killed_in_the_middle = 0
    for share in (0.3, 0.5, 0.65, 0.8, 0.9):
        process = start_load(warehouse, sample / "raw")
        time.sleep(whole * share)
        if process.poll() is None:
            kill(process)
        # Killed early, a load has not made the file of DuckDB yet.
        is_there = engine != "duckdb" or Path(warehouse.environment["COCO_DUCKDB_PATH"]).exists()
        landed = contents(warehouse, RAW) if is_there else {}
        if any(landed.values()):
            # It had landed, whole, before it was killed.
            assert_same(landed, complete)
            break
        killed_in_the_middle += 1
    assert killed_in_the_middle
    code, output = finish(start_load(warehouse, sample / "raw"))
    assert code == 0, output
    assert_same(contents(warehouse, RAW), complete)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_build_that_is_killed_is_made_good_by_the_next(
    new_warehouse: Callable[[str], Warehouse], built_warehouse: Callable[[str], Warehouse], sample: Path, engine: str
) -> None:
    warehouse = new_warehouse(engine)
    warehouse.load(sample / "raw")
    # In the middle of the parse, of an incremental mart beside others that are done, of the reconciliation.
    for moment in (
        r"START sql incremental model coco_restricted\.int_order_documents",
        r"START sql incremental model coco_marts\.order_financials",
        r"START sql table model coco_marts\.statement_lines",
    ):
        process = start_build(warehouse)
        read_until(process, moment)
        kill(process)
    code, output = finish(start_build(warehouse))
    assert code == 0, output
    assert_same(contents(warehouse, BUILT), contents(built_warehouse(engine), BUILT))


def test_a_server_that_stops_in_mid_build(
    run_folder: Path, built_warehouse: Callable[[str], Warehouse], warehouse_at: Callable[[str, Path], Warehouse],
    sample: Path,
) -> None:  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="stopped_", dir=run_folder))
    data = folder / "server" / "data"
    data.parent.mkdir()
    server = start_postgres(data)
    try:
        shared = warehouse_at("postgres", folder)
        socket = {"COCO_POSTGRES_HOST": str(server.get_postmaster_info().socket_dir)}
        warehouse = replace(shared, environment={**shared.environment, **socket})
        create_database(warehouse)
        warehouse.load(sample / "raw")
        process = start_build(warehouse)
        read_until(process, r"START sql table model coco_intermediate\.int_statement_lines")
        server.stop()
        code, output = finish(process)
        assert code != 0
        assert re.search(r"connection|server closed|terminat|shutting down", output), output
        server.start()
        code, output = finish(start_build(warehouse))
        assert code == 0, output
        assert_same(contents(warehouse, BUILT), contents(built_warehouse("postgres"), BUILT))
    finally:
        server.stop()
        # What the package does as a process ends would look for the server again.
        atexit.unregister(server._cleanup)


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Callable[[str], None]]:
    """A disk of its own size in a folder; the value changes the size."""

    def mount(*options: str) -> None:
        subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)], check=True, capture_output=True)

    try:
        mount("-o", f"size={size},mode=1777")
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a small disk cannot be mounted here: {error}")
    try:
        yield lambda new_size: mount("-o", f"remount,size={new_size}")
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)


def test_a_full_disk(
    run_folder: Path, built_warehouse: Callable[[str], Warehouse], warehouse_at: Callable[[str, Path], Warehouse],
    sample: Path,
) -> None:  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="disk_", dir=run_folder))
    with small_disk(folder, "1m") as resize:
        warehouse = warehouse_at("duckdb", folder)
        code, output = finish(start_load(warehouse, sample / "raw"))
        assert code != 0
        assert "nothing was landed" in output, output
        assert re.search(r"space", output), output
        resize("2g")
        code, output = finish(start_load(warehouse, sample / "raw"))
        assert code == 0, output
        used = (folder / "warehouse.duckdb").stat().st_size
        resize(f"{used // 1024 + 1500}k")
        code, output = finish(start_build(warehouse))
        assert code != 0
        assert re.search(r"space", output), output
        resize("2g")
        code, output = finish(start_build(warehouse))
        assert code == 0, output
        assert_same(contents(warehouse, BUILT), contents(built_warehouse("duckdb"), BUILT))


def test_two_builds_at_once_on_postgres_take_turns(
    new_warehouse: Callable[[str], Warehouse], built_warehouse: Callable[[str], Warehouse], sample: Path
) -> None:
    warehouse = new_warehouse("postgres")
    warehouse.load(sample / "raw")
    # dbt's own files of a run are no place for two.
    beside = replace(warehouse, folder=warehouse.folder / "beside")
    beside.folder.mkdir()
    (beside.folder / "profiles.yml").write_bytes((warehouse.folder / "profiles.yml").read_bytes())
    first = start_build(warehouse)
    read_until(first, r"START sql ")
    second = start_build(beside)
    waiting = read_until(second, r"waiting for it to end")
    assert "START" not in waiting
    for process in (first, second):
        code, output = finish(process)
        assert code == 0, output
    assert_same(contents(warehouse, BUILT), contents(built_warehouse("postgres"), BUILT))


def test_a_second_build_on_duckdb_is_told_who_is_at_work(
    new_warehouse: Callable[[str], Warehouse], sample: Path
) -> None:
    warehouse = new_warehouse("duckdb")
    warehouse.load(sample / "raw")
    first = start_build(warehouse)
    read_until(first, r"START sql ")
    # It stands still, or it could be done before the second has parsed the project.
    os.killpg(first.pid, signal.SIGSTOP)
    code, output = finish(start_build(warehouse))
    assert code != 0
    assert f"PID {first.pid}" in output, output
    kill(first)


def test_what_lands_during_a_build_waits_for_its_end(
    new_warehouse: Callable[[str], Warehouse], built_warehouse: Callable[[str], Warehouse], sample: Path
) -> None:
    warehouse = new_warehouse("postgres")
    files = sorted(file for file in (sample / "raw").rglob("*") if file.is_file())
    late = [file for file in files if file.parent.name == "order_documents"][-3:]
    warehouse.load(*(file for file in files if file not in late))
    build = start_build(warehouse)
    read_until(build, r"START sql incremental model coco_restricted\.int_order_documents")
    load = start_load(warehouse, *late)
    code, output = finish(build)
    assert code == 0, output
    code, output = finish(load)
    assert code == 0, output
    assert "Waiting for another load or build" in output
    code, output = finish(start_build(warehouse))
    assert code == 0, output
    # The late files have a later moment of loading, which some marts show; the figures are the same.
    figures = "select order_id, expected_cents, stated_cents, variance_cents from coco_marts.order_reconciliation"
    assert sorted(warehouse.rows(figures), key=str) == sorted(built_warehouse("postgres").rows(figures), key=str)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_clock_that_jumps_back_loses_nothing(
    new_warehouse: Callable[[str], Warehouse], built_warehouse: Callable[[str], Warehouse], sample: Path, engine: str
) -> None:
    warehouse = new_warehouse(engine)
    files = sorted(file for file in (sample / "raw").rglob("*") if file.is_file())
    late = [file for file in files if file.parent.name == "order_documents"][-3:]
    models = ("path:models/intermediate/orders", "path:models/marts/orders")
    warehouse.load(*(file for file in files if file not in late))
    warehouse.dbt("seed").assert_succeeded()
    warehouse.dbt("run", "--select", "+path:models/intermediate/orders", "path:models/marts/orders").assert_succeeded()
    warehouse.load(*late, loaded_at=LOADED_AT - timedelta(days=400))
    warehouse.dbt("run", "--select", *models).assert_succeeded()
    for mart in ("orders", "order_items", "order_financials", "rejected_order_documents"):
        count = f"select count(*) from coco_marts.{mart}"
        assert warehouse.rows(count) == built_warehouse(engine).rows(count)
    orders = "select order_id, document_id, total_cents from coco_marts.orders"
    assert sorted(warehouse.rows(orders)) == sorted(built_warehouse(engine).rows(orders))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_build_fails_none_of_twenty_readers(
    built_copy: Callable[[str], Warehouse], tmp_path: Path, engine: str
) -> None:
    warehouse = built_copy(engine)
    reader = reader_of(warehouse, tmp_path / "published.duckdb")
    failures: list[BaseException] = []
    read: Counter[int] = Counter()
    done = threading.Event()

    def look(client: int) -> None:
        # Some seconds between two looks, as people have them: without, the readers take the processors from the build.
        while not done.wait(2):
            try:
                with reader.reading() as reading:
                    assert "Expected" in text_of(overview(reading))
                read[client] += 1
            except BaseException as error:
                failures.append(error)
                return

    clients = [threading.Thread(target=look, args=(number,)) for number in range(20)]
    for client in clients:
        client.start()
    code, output = finish(start_build(warehouse))
    done.set()
    for client in clients:
        client.join()
    assert code == 0, output
    assert not failures
    assert len(read) == 20

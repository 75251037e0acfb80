"""A small sample, two engines and the warehouses built on them, shared by the tests of one run.

What is costly (the sample, a loaded and built warehouse) is made once a run, by the first process that asks
for it: under pytest-xdist the workers share one folder and one PostgreSQL server. A test that changes a
warehouse makes one of its own with `new_warehouse`.
"""

from __future__ import annotations

import atexit
import itertools
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import fasteners
import pytest
from cases import Answers, build_cases
from warehouses import PROJECT, RUN_FOLDER, Warehouse, copy_database, create_database, made_once, start_postgres

SAMPLE_ORDERS = 400
SAMPLE_SEED = 7
SAMPLE_FAULTS = 0.05


def pytest_configure(config: pytest.Config) -> None:
    # Workers of pytest-xdist inherit the folder from the process that began the run.
    if RUN_FOLDER not in os.environ:
        os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="coco-tests-")
        config.add_cleanup(remove_run_folder)


def remove_run_folder() -> None:
    folder = Path(os.environ.pop(RUN_FOLDER))
    if (folder / "postgres").exists():
        server = start_postgres(folder / "postgres")
        server.stop()
        # What the package does as a process ends would make the folder of its lock again.
        atexit.unregister(server._cleanup)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """The folder that the processes of this run share."""
    return Path(os.environ[RUN_FOLDER])


@pytest.fixture(scope="session")
def sample(run_folder: Path) -> Path:
    """A small simulated tree: `raw` is what is loaded, `truth` what was planted."""
    from coco_warehouse.simulate import simulate

    def make(folder: Path) -> None:
        simulate(folder, orders=SAMPLE_ORDERS, seed=SAMPLE_SEED, faults=SAMPLE_FAULTS, project_dir=PROJECT)
        write_broken_documents(folder / "raw" / "order_documents")
        write_broken_statement(folder / "raw" / "statements" / "native")
        write_broken_bank_export(folder / "raw" / "bank")

    return made_once(run_folder / "sample", make)


def write_broken_statement(folder: Path) -> None:
    """Add a report with one row whose amounts nobody can read."""
    header = next(folder.glob("payout_itemized_3-*.csv")).read_text(encoding="utf-8").splitlines()[0].split(",")
    row = {
        "payout_id": "po_unreadable",
        "currency": "usd",
        "gross": "twelve",
        "fee": "one",
        "net": "eleven",
        "reporting_category": "charge",
        "balance_transaction_id": "txn_unreadable",
    }
    lines = [",".join(header), ",".join(row.get(name, "") for name in header)]
    (folder / "payout_itemized_3-unreadable.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_broken_bank_export(folder: Path) -> None:
    """Add an export of an account with one row whose date nobody can read."""
    header, row = min(folder.glob("*.csv")).read_text(encoding="utf-8").splitlines()[:2]
    cells = dict(zip(header.split(","), row.split(","), strict=True))
    cells |= {"transaction_id": "unreadable", "posted_date": "20.09.2026"}
    name = f"{cells['account_id']}-{cells['posted_date']}.csv"
    (folder / name).write_text(f"{header}\n{','.join(cells.values())}\n", encoding="utf-8")


def write_broken_documents(folder: Path) -> None:
    """Add, in a file of its own, later versions of orders of the sample, each broken in another way."""
    received = [json.loads(line) for file in sorted(folder.glob("*.ndjson")) for line in file.open(encoding="utf-8")]
    texts = [line["body"] for line in received if "body" in line]
    latest = sorted(texts, key=lambda text: json.loads(text)["updatedAt"])
    bodies = list({json.loads(text)["id"]: text for text in latest}.values())

    def with_total(text: str) -> Callable[[str], str]:
        return lambda body: re.sub(r'("total": ?)(\d+)', rf"\g<1>{text}", body, count=1)

    ways: list[Callable[[str], str]] = [
        lambda body: body[: len(body) // 2],
        lambda body: f"{body} {body}",
        lambda body: '{"id": "twice", ' + body[1:],
        lambda body: f"[{body}]",
        lambda body: re.sub(r'"placedAt": ?"[^"]*"', '"placedAt": "yesterday"', body),
        lambda body: re.sub(r'"isPickup": ?\w+', '"isPickup": "no"', body),
        lambda body: re.sub(r'"items": ?\[', '"items": [7, ', body, count=1),
        # This one stands, with a finding: it is neither money nor required.
        lambda body: re.sub(
            r'"updatedAt": ?"[^"]*"',
            '"updatedAt": "2026-10-30T11:59:00.000Z"',
            re.sub(r'"isGroupOrder": ?\w+', '"isGroupOrder": "no"', body),
        ),
        lambda body: re.sub(r'"id": ?"[^"]*", ?', "", body, count=1),
        *(with_total(text) for text in ("NaN", '"12"', "12.5", "true", "{}", "null", "1e40", "12.0")),
        # This one stands, with members that the declaration does not know.
        lambda body: re.sub(r'"details": ?\{', '"details": {"loyaltyTier": {"level": 2}, ', body, count=1),
    ]
    lines = [
        json.dumps({"received_at": "2026-10-30T12:00:00.000Z", "received_from": "webhook", "body": way(body)})
        for way, body in zip(ways, bodies, strict=False)
    ]
    assert len(lines) == len(ways)
    (folder / "broken.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def postgres(run_folder: Path) -> Mapping[str, str]:
    """An embedded PostgreSQL server; the value is the environment that the target prod asks for."""
    with fasteners.InterProcessLock(run_folder / "postgres.lock"):
        server = start_postgres(run_folder / "postgres")
    return {
        "COCO_POSTGRES_HOST": str(server.get_postmaster_info().socket_dir),
        "COCO_POSTGRES_USER": server.postgres_user,
        "COCO_POSTGRES_PASSWORD": "the server trusts its own socket",
        "COCO_POSTGRES_DATABASE": "postgres",
    }


@pytest.fixture(scope="session")
def warehouse_at(request: pytest.FixtureRequest, run_folder: Path) -> Callable[[str, Path], Warehouse]:
    """A function that describes a warehouse of an engine in a folder, the example profile beside it."""

    def at(engine: str, folder: Path) -> Warehouse:
        # Written once: another process may be reading it.
        if not (folder / "profiles.yml").exists():
            shutil.copy(PROJECT / "profiles.example.yml", folder / "profiles.yml")
        if engine == "duckdb":
            return Warehouse(engine, folder, {"COCO_DUCKDB_PATH": str(folder / "warehouse.duckdb")})
        server: Mapping[str, str] = request.getfixturevalue("postgres")
        database = "_".join(folder.relative_to(run_folder).parts)
        return Warehouse(engine, folder, {**server, "COCO_POSTGRES_DATABASE": database})

    return at


@pytest.fixture(scope="session")
def built_warehouse(
    run_folder: Path, sample: Path, warehouse_at: Callable[[str, Path], Warehouse]
) -> Callable[[str], Warehouse]:
    """A function that gives an engine's warehouse with the sample loaded and built. Not to be changed."""

    def built(engine: str) -> Warehouse:
        def make(folder: Path) -> None:
            warehouse = warehouse_at(engine, folder)
            create_database(warehouse)
            warehouse.load(sample / "raw")
            warehouse.dbt("build", unit_tests=True).assert_succeeded()

        return warehouse_at(engine, made_once(run_folder / f"built_{engine}", make))

    return built


@pytest.fixture(scope="session")
def duckdb_warehouse(built_warehouse: Callable[[str], Warehouse]) -> Warehouse:
    """The sample, loaded and built on DuckDB. Not to be changed."""
    return built_warehouse("duckdb")


@pytest.fixture(scope="session")
def postgres_warehouse(built_warehouse: Callable[[str], Warehouse]) -> Warehouse:
    """The sample, loaded and built on PostgreSQL. Not to be changed."""
    return built_warehouse("postgres")


@pytest.fixture(scope="session", params=["duckdb", "postgres"])
def case_answers(
    request: pytest.FixtureRequest, run_folder: Path, warehouse_at: Callable[[str, Path], Warehouse]
) -> Answers:
    """What each engine's warehouse says of the cases made by hand, all of them built at once."""
    engine: str = request.param

    def at(folder: Path) -> Warehouse:
        return replace(warehouse_at(engine, folder), project=folder / "project")

    def make(folder: Path) -> None:
        create_database(at(folder))
        build_cases(at(folder))

    return Answers.of(at(made_once(run_folder / f"cases_{engine}", make)))


@pytest.fixture
def new_warehouse(
    run_folder: Path, warehouse_at: Callable[[str, Path], Warehouse]
) -> Iterator[Callable[[str], Warehouse]]:
    """A function that makes an empty warehouse of an engine, of this test alone."""
    parent = Path(tempfile.mkdtemp(prefix="test_", dir=run_folder))
    numbers = itertools.count(1)

    def new(engine: str) -> Warehouse:
        folder = parent / f"{engine}_{next(numbers)}"
        folder.mkdir()
        warehouse = warehouse_at(engine, folder)
        create_database(warehouse)
        return warehouse

    yield new
    shutil.rmtree(parent)


@pytest.fixture
def built_copy(
    run_folder: Path, warehouse_at: Callable[[str, Path], Warehouse], built_warehouse: Callable[[str], Warehouse]
) -> Iterator[Callable[[str], Warehouse]]:
    """A function that copies an engine's built sample, for a test that changes it."""
    parent = Path(tempfile.mkdtemp(prefix="copy_", dir=run_folder))

    def copied(engine: str) -> Warehouse:
        folder = parent / engine
        folder.mkdir()
        warehouse = warehouse_at(engine, folder)
        copy_database(built_warehouse(engine), warehouse)
        return warehouse

    yield copied
    shutil.rmtree(parent)

"""The whole run: what each shard makes, in how many processes, and how its parts come together."""

from __future__ import annotations

import math
import os
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.json
import pyarrow.parquet

from coco_warehouse.simulate.bank import Bank
from coco_warehouse.simulate.config_tables import ConfigTables
from coco_warehouse.simulate.contract import EPOCH, Contract, Store, find_seeds
from coco_warehouse.simulate.deliveries import V3
from coco_warehouse.simulate.faults import FaultPlan, FaultRates
from coco_warehouse.simulate.randomness import digest
from coco_warehouse.simulate.shard import Payout, Shard, ShardPlan
from coco_warehouse.simulate.truth import entity_line
from coco_warehouse.simulate.writer import PartWriter, join_parts

DEFAULT_END = date(2026, 10, 31)
DEFAULT_DAYS = 42
# Days that a silent integration is quiet at least.
_QUIET_DAYS = 14
_PLATFORM_WEIGHTS = {"doordash": 130, "ubereats": 120, "grubhub": 70, "olo": 60, "lunchbox": 50, "native": 50}
_PARQUET_TABLES = {
    f"{V3}.delivery_attempts": ("delivery_id", "attempt_id", "created_at"),
    f"{V3}.attempts": ("id", "provider", "status", "created_at", "updated_at"),
}


class OutputError(Exception):
    """The sample cannot be written; the text says why and what to do."""


@dataclass(frozen=True)
class Summary:
    """What a run made."""

    orders: int
    files: int
    folder: Path
    seconds: float


@dataclass(frozen=True)
class _Run:
    seeds: Path
    plan: FaultPlan
    start_day: int
    end_day: int
    folder: Path


def simulate(
    out: Path,
    orders: int = 3000,
    seed: int = 1,
    days: int = DEFAULT_DAYS,
    end_date: date = DEFAULT_END,
    faults: float | Mapping[str, float] = 0.0,
    processes: int | None = None,
    project_dir: Path | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Summary:
    """Write a sample of every raw input, and the truth about it, under `out`.

    Args:
        out: folder; `out/raw` and `out/truth` must not exist yet.
        orders: how many orders are placed.
        seed: the same seed (and other arguments) gives the same bytes, whatever `processes` is.
        days: days of orders, the last of them `end_date`; nothing that would arrive after that day is written.
        faults: share of units that get a planted fault, or shares by class (docs/simulate.md).
        processes: how many processes work; by default as many as there are processors.
        project_dir: the project whose seeds describe the company; by default found from the working folder.
        on_progress: is told now and then how many orders are made in all.

    Raises:
        ContractError: the seeds are missing or lack a term.
        FaultError: the rates cannot be read.
        OutputError: `out` already holds a sample, or the arguments make no sense.
    """
    began = time.monotonic()
    if orders < 1 or days < 1:
        raise OutputError(f"{orders} orders over {days} days: give at least 1 of each")
    for name in ("raw", "truth"):
        if (out / name).exists():
            raise OutputError(f"{out / name} exists already; remove it or choose another folder")
    seeds = find_seeds(project_dir)
    contract = Contract(seeds)
    end_day = end_date.toordinal() - EPOCH
    work = out / ".simulating"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    run = _Run(seeds, FaultPlan(seed, FaultRates.parse(faults)), end_day - days + 1, end_day, work)
    try:
        shards, silent = plan_shards(contract, run.plan, orders, days)
        lanes = _lanes(shards, orders)
        payouts = _run_lanes(run, lanes, processes, on_progress)
        files = _finish(run, contract, payouts, silent)
        (work / "raw").rename(out / "raw")
        (work / "truth").rename(out / "truth")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Summary(orders, files, out, time.monotonic() - began)


def plan_shards(
    contract: Contract, plan: FaultPlan, orders: int, days: int
) -> tuple[list[ShardPlan], list[tuple[str, str, str]]]:
    """Share the orders out to stores, and stores to shards.

    Returns:
        The shards, and the integrations that fall silent: merchant, source, note.
    """
    weights = {
        store: _PLATFORM_WEIGHTS.get(store.platform, 50) * (60 + digest("volume", *_key(store)) % 100)
        for store in contract.stores
    }
    total = sum(weights.values())
    counts = {store: orders * weight // total for store, weight in weights.items()}
    left = orders - sum(counts.values())
    by_rest = sorted(weights, key=lambda store: (-(orders * weights[store] % total), _key(store)))
    for store in by_rest[:left]:
        counts[store] += 1
    by_integration: dict[tuple[str, str], list[Store]] = defaultdict(list)
    for store in contract.stores:
        source = contract.integration_source[store.platform]
        by_integration[store.terms[-1].merchant_id, source].append(store)
    days_of = dict.fromkeys(contract.stores, days)
    silent = []
    for (merchant, source), stores in by_integration.items():
        quiet = max(_QUIET_DAYS, days // 3)
        active = days - quiet
        made = max(counts[store] for store in stores)
        # Silence is only to be seen against a habit: its longest gap is twice the mean.
        if active < 7 or made < 3 or 2 * active * 3 > made * quiet:
            continue
        drawn = plan.on("merchant", ["duplicated_external_id", "silent_integration"], merchant, source)
        if "silent_integration" in drawn:
            silent.append((merchant, source, f"no orders in the last {quiet} days"))
            for store in stores:
                days_of[store] = active
    grouped: dict[tuple[str, str, str], list[Store]] = defaultdict(list)
    for store in contract.stores:
        payee = contract.payee(store)
        grouped[store.platform, payee.bank_account_id, store.currency].append(store)
    shards = [
        ShardPlan(
            number,
            platform,
            account,
            currency,
            tuple((store, counts[store], days_of[store]) for store in stores if counts[store]),
        )
        for number, ((platform, account, currency), stores) in enumerate(grouped.items())
    ]
    return [shard for shard in shards if shard.stores], silent


def _key(store: Store) -> tuple[str, str]:
    return store.platform, store.store_id


def _lanes(shards: list[ShardPlan], orders: int) -> list[list[ShardPlan]]:
    """Shards spread over lanes of like size: a lane is worked on by one process and writes files of its own.

    Their number follows from the orders alone, since it shows in the files.
    """
    count = 1 if orders < 1000 else 2 if orders < 100_000 else 4
    lanes: list[list[ShardPlan]] = [[] for _ in range(count)]
    for shard in sorted(shards, key=lambda one: (-one.orders, one.number)):
        min(lanes, key=lambda lane: sum(one.orders for one in lane)).append(shard)
    return [lane for lane in lanes if lane]


_counter: Any = None


def _start_worker(counter: Any) -> None:
    global _counter
    _counter = counter


def _run_lane(run: _Run, number: int, lane: list[ShardPlan]) -> list[Payout]:
    """Make one lane's shards; returns their payouts."""
    contract = Contract(run.seeds)
    raw = PartWriter(run.folder / "raw")
    tables = PartWriter(run.folder / "parts" / "tables" / str(number))
    truth = PartWriter(run.folder / "parts" / "truth" / str(number))
    payouts: list[Payout] = []
    for shard in lane:
        worker = Shard(contract, run.plan, shard, run.start_day, run.end_day, raw, tables, truth, number)
        payouts += worker.run(_count)
    for writer in (raw, tables, truth):
        writer.close()
    return payouts


def _count(made: int) -> None:
    if _counter is not None:
        with _counter.get_lock():
            _counter.value += made


def _run_lanes(
    run: _Run,
    lanes: list[list[ShardPlan]],
    processes: int | None,
    on_progress: Callable[[int], None] | None,
) -> list[Payout]:
    workers = min(len(lanes), processes or os.cpu_count() or 1)
    context = get_context("spawn" if os.name == "nt" else "fork")
    counter = context.Value("q", 0)
    payouts: list[Payout] = []
    if workers == 1:
        _start_worker(_Reporting(on_progress))
        try:
            for number, lane in enumerate(lanes):
                payouts += _run_lane(run, number, lane)
        finally:
            _start_worker(None)
        return payouts
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(counter,)) as pool:
        jobs = [pool.submit(_run_lane, run, number, lane) for number, lane in enumerate(lanes)]
        pending = set(jobs)
        while pending:
            _, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
            if on_progress is not None:
                on_progress(counter.value)
        try:
            for job in jobs:
                payouts += job.result()
        except BrokenProcessPool as error:
            raise OutputError(
                "a process was ended from outside, perhaps for want of memory; try again with --processes 1"
            ) from error
    return payouts


class _Reporting:
    """Counts orders made in this process, with the face of a shared counter."""

    def __init__(self, on_progress: Callable[[int], None] | None) -> None:
        self._value = 0
        self._on_progress = on_progress

    def get_lock(self) -> _Reporting:
        return self

    def __enter__(self) -> _Reporting:
        return self

    def __exit__(self, *error: object) -> None:
        return

    @property
    def value(self) -> int:
        return self._value

    @value.setter
    def value(self, value: int) -> None:
        self._value = value
        if self._on_progress is not None:
            self._on_progress(value)


def _finish(run: _Run, contract: Contract, payouts: list[Payout], silent: list[tuple[str, str, str]]) -> int:
    """Join the parts, and write what belongs to no shard; returns the number of raw files."""
    raw = run.folder / "raw"
    by_name: dict[str, list[Path]] = defaultdict(list)
    for part in sorted((run.folder / "parts" / "tables").glob("*/*"), key=_lane_of):
        by_name[part.name].append(part)
    for name, parts in by_name.items():
        table = name.rsplit(".", 1)[0]
        if table in _PARQUET_TABLES:
            _join_parquet(parts, raw / "tables" / f"{name}.parquet", _PARQUET_TABLES[table])
        else:
            join_parts(parts, raw / "tables" / f"{name}.ndjson")
    writer = PartWriter(raw)
    bank = Bank(contract, run.plan, run.start_day, run.end_day)
    bank.receive(payouts)
    for name, content in bank.exports():
        writer.write_file(name, content)
    config = ConfigTables(contract, run.plan, run.start_day, run.end_day)
    for name, content in config.files():
        writer.write_file(name, content)
    truth = PartWriter(run.folder / "parts" / "truth" / "company")
    for line in (*config.labels, *bank.labels):
        truth.write("faults", line)
    for merchant, source, note in silent:
        truth.write(
            "faults",
            entity_line(
                f"silent_integration-{merchant}-{source}", "silent_integration", "integration",
                f"{merchant}/{source}", note, True, None,
            ),
        )  # fmt: skip
    for line in bank.payout_lines():
        truth.write("payouts", line)
    truth.close()
    for name in ("faults", "orders", "payouts"):
        found = sorted((run.folder / "parts" / "truth").glob(f"*/{name}"), key=_lane_of)
        target = run.folder / "truth" / f"{name}.ndjson"
        if found:
            join_parts(found, target)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
    return sum(1 for path in raw.rglob("*") if path.is_file())


def _lane_of(part: Path) -> tuple[float, str]:
    lane = part.parent.name
    return (int(lane) if lane.isdigit() else math.inf), part.name


def _join_parquet(parts: list[Path], target: Path, names: tuple[str, ...]) -> None:
    instant = pa.timestamp("us", tz="UTC")
    schema = pa.schema(
        [(name, instant if name.endswith("_at") else pa.string()) for name in names]
        + [("_fivetran_synced", instant), ("_fivetran_deleted", pa.bool_())]
    )
    options = pyarrow.json.ParseOptions(explicit_schema=schema)
    tables = [pyarrow.json.read_json(part, parse_options=options).select(schema.names) for part in parts]
    target.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pa.concat_tables(tables), target)
    for part in parts:
        part.unlink()

"""How long orders and their statements take to reconcile, beside the parsing of the orders in the same run.

    python benchmarks/reconcile.py [ORDERS] [--faults RATE] [--memory LIMIT]

A sample of `coco simulate`, with faults, is loaded into DuckDB and built in steps, two models at a time as by default:

- "orders parsed": the models that read the order documents (models/intermediate/orders).
- "reconciled": the ledgers, matching, claims, payouts, deposits and exceptions (models/intermediate/payouts,
  models/marts/reconciliation), statements opened included; and what else those models read that is not yet built.
- "finance": the journal and its roll-forwards (models/intermediate/finance, models/marts/finance).

What else they read is built between, untimed. Of each step are told: the time from the start of its first model to the
end of its last, the models' times summed, the processor time of the whole process and its peak memory. The same step
run on no rows tells what dbt itself takes of that. The floor is `json_valid` of the same documents. Processor time is
the figure to compare where other work runs on the machine.
"""

import argparse
import contextlib
import resource
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flatten import FLOORS
from warehouses import PROJECT, Warehouse, warehouses

from coco_warehouse.load import load_paths
from coco_warehouse.simulate import simulate

PARSE = ("path:models/intermediate/orders",)
RECONCILE = ("path:models/intermediate/payouts", "path:models/marts/reconciliation")
FINANCE = ("path:models/intermediate/finance", "path:models/marts/finance")

# The moment after the sample's last day, so that nothing in it depends on the day of the benchmark.
LOOKED_AT = datetime(2026, 11, 1)
VARIABLES = ("--vars", f"{{as_of: '{LOOKED_AT}'}}")


@dataclass(frozen=True)
class Step:
    """One dbt run: seconds, and mebibytes of memory at its peak (None where the system does not tell)."""

    wall: float
    processor: float
    by_model: dict[str, float]
    memory: float | None

    @property
    def models(self) -> float:
        return sum(self.by_model.values())


def upstream(paths: Iterable[str]) -> list[str]:
    return [f"+{path}" for path in paths]


def downstream(paths: Iterable[str]) -> list[str]:
    return [f"{path}+" for path in paths]


def processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def forget_peak_memory() -> None:
    """Start the measurement of the peak anew, where the system can (Linux)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_memory() -> float | None:
    """Mebibytes since the last call of forget_peak_memory."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return None


class Build:
    """The models of a warehouse, built step by step, each once."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.built: list[str] = []

    def run(self, select: Iterable[str], exclude: Iterable[str] = ()) -> Step:
        """Run those of the selected models that no step before has run."""
        forget_peak_memory()
        before = processor_seconds()
        results = self._dbt(select, [*exclude, *self.built])
        step = Step(wall_seconds(results), processor_seconds() - before, by_model(results), peak_memory())
        self.built.extend(step.by_model)
        return step

    def run_on_no_rows(self, step: Step) -> Step:
        """Run the models of a step again, without any rows: what dbt takes. Empties their tables."""
        before = processor_seconds()
        results = self._dbt(step.by_model, (), "--empty")
        return Step(wall_seconds(results), processor_seconds() - before, by_model(results), None)

    def _dbt(self, select: Iterable[str], exclude: Iterable[str], *flags: str) -> list[Any]:
        arguments = ["run", *VARIABLES, *flags, "--select", *select]
        excluded = list(exclude)
        return list(self.warehouse.dbt(*arguments, *(["--exclude", *excluded] if excluded else [])).results)


def by_model(results: list[Any]) -> dict[str, float]:
    return {result.node.name: result.execution_time for result in results if result.node.resource_type == "model"}


def wall_seconds(results: list[Any]) -> float:
    """From the start of the first model to the end of the last."""
    timings = [timing for result in results for timing in result.timing if timing.started_at and timing.completed_at]
    first, last = min(timing.started_at for timing in timings), max(timing.completed_at for timing in timings)
    return float((last - first).total_seconds())


def floor(warehouse: Warehouse) -> tuple[float, float]:
    """Wall and processor seconds of the engine's own check of the documents, once they are in memory."""
    with contextlib.closing(warehouse.connect()) as connection:
        connection.execute(FLOORS["duckdb"]).fetchall()
        start, before = time.perf_counter(), processor_seconds()
        connection.execute(FLOORS["duckdb"]).fetchall()
        return time.perf_counter() - start, processor_seconds() - before


def report(name: str, step: Step, parsed: Step, floors: tuple[float, float]) -> None:
    memory = "" if step.memory is None else f"{step.memory:,.0f} MiB at the peak"
    print(
        f"{name:16}{len(step.by_model):4} models{step.wall:9.1f} s, summed {step.models:.1f} s, "
        f"processor {step.processor:.1f} s; {memory}\n"
        f"{'':16}of the parsing: {step.wall / parsed.wall:.2f}, processor {step.processor / parsed.processor:.2f}; "
        f"of the floor: {step.wall / floors[0]:.1f}, processor {step.processor / floors[1]:.1f}"
    )


def report_slowest(step: Step) -> None:
    for name, took in sorted(step.by_model.items(), key=lambda item: -item[1])[:10]:
        print(f"{'':16}{name:34}{took:7.1f} s{took / step.models:7.1%}")


def measure(warehouse: Warehouse) -> None:
    """Build a loaded warehouse step by step, and print what each took."""
    warehouse.dbt("seed")
    build = Build(warehouse)
    build.run(upstream(PARSE), PARSE)
    floors = floor(warehouse)
    parsed = build.run(PARSE)
    # what else is read, as far as it does not itself read the models that are timed
    build.run(upstream(RECONCILE + FINANCE), downstream(RECONCILE + FINANCE))
    reconciled = build.run(upstream(RECONCILE))
    finance = build.run(upstream(FINANCE))
    empty = build.run_on_no_rows(reconciled)
    print(f"{'floor':16}{floors[0]:20.1f} s, processor {floors[1]:.1f} s")
    for name, step in (("orders parsed", parsed), ("reconciled", reconciled), ("finance", finance)):
        report(name, step, parsed, floors)
        if step is not parsed:
            report_slowest(step)
    print(f"{'dbt itself':16}{empty.wall:20.1f} s and processor {empty.processor:.1f} s of reconciled, on no rows")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders", nargs="?", type=int, default=30_000, help="how many orders (30000)")
    parser.add_argument("--faults", type=float, default=0.05, help="share of units with a planted fault (0.05)")
    parser.add_argument("--memory", default="4GiB", help="DuckDB's memory limit (4GiB)")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="coco-benchmark-") as name,
        warehouses(Path(name), ["duckdb"], 2, {"memory_limit": arguments.memory}) as made,
    ):
        sample = Path(name) / "sample"
        simulate(sample, orders=arguments.orders, faults=arguments.faults, project_dir=PROJECT)
        for warehouse in made:
            load_paths([sample / "raw"], warehouse.target, loaded_at=LOOKED_AT)
            print(f"DuckDB, {arguments.orders:,} orders, faults on {arguments.faults:.0%}")
            measure(warehouse)


if __name__ == "__main__":
    main()

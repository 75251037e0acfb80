"""What orders with their statements and deposits cost from files to marts, as they become more.

    python benchmarks/scale.py [--orders N ...] [--postgres-orders N] [--memory LIMIT] [--write]

For each number of orders, on DuckDB and up to --postgres-orders on PostgreSQL too, a sample of `coco simulate` goes
through these steps:

- "load": `coco load` of everything but the last one per cent of the order documents;
- "full": `dbt build` without its tests: seeds, snapshots, every model;
- "1 % more": the same command after the rest of the documents was loaded;
- "tests": `dbt test`, the laws among them.

The floor is the engine's own validity check of the documents of the full build, in the same run, once they were read.
Each step runs in a process of its own, with two threads; told are its time, as multiples of the floor, and the peak of
its memory (on PostgreSQL the server's memory is not in it). With --write the table and the plot go into
docs/benchmarks.md and docs/images/scale.svg; the plot needs matplotlib (benchmarks/requirements.txt).
"""

import argparse
import contextlib
import math
import multiprocessing
import os
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flatten import FLOORS
from reconcile import peak_memory, processor_seconds
from warehouses import PROJECT, THREADS, Warehouse, warehouses

from coco_warehouse.load import load_paths
from coco_warehouse.simulate import simulate

# The moment after the sample's last day, so that nothing in it depends on the day of the benchmark.
LOADED_AT = datetime(2026, 11, 1)
LOOKED_AT = LOADED_AT + timedelta(hours=12)
VARIABLES = ("--vars", f"{{as_of: '{LOOKED_AT}'}}")
WITHOUT_TESTS = ("--exclude-resource-type", "test", "unit_test")
STEPS = ("load", "full", "1 % more", "tests")
TABLE = re.compile(r"(?<=<!-- scale: begin -->\n).*?(?=<!-- scale: end -->)", re.DOTALL)
PLOT = Path("docs/images/scale.svg")


@dataclass(frozen=True)
class Cost:
    """Seconds from start to end and of the processor (this process alone), and mebibytes at the peak, where known."""

    wall: float
    processor: float
    memory: float | None


@dataclass(frozen=True)
class Size:
    """What one number of orders cost on one engine."""

    engine: str
    orders: int
    documents: int
    floor: Cost
    steps: dict[str, Cost]

    def in_floors(self, step: str) -> float:
        return self.steps[step].wall / self.floor.wall


def hold_back(folder: Path) -> tuple[int, Path]:
    """Take the last one per cent of the documents out. Returns how many stay, and the file of those taken out."""
    files = sorted(folder.glob("*.ndjson"))
    counts = []
    for file in files:
        with file.open("rb") as lines:
            counts.append(sum(1 for _ in lines))
    staying = sum(counts) - sum(counts) // 101
    added = folder.parent.parent / "added.ndjson"
    passed = 0
    with added.open("wb") as rest:
        for file, count in zip(files, counts, strict=True):
            if passed + count > staying:
                kept = file.with_suffix(".kept")
                with file.open("rb") as lines, kept.open("wb") as begin:
                    for number, line in enumerate(lines, start=passed):
                        (begin if number < staying else rest).write(line)
                kept.replace(file)
            passed += count
    return staying, added


def load(warehouse: Warehouse, paths: Sequence[Path], at: datetime) -> None:
    load_paths(list(paths), warehouse.target, loaded_at=at)


def build(warehouse: Warehouse) -> None:
    warehouse.dbt("build", *VARIABLES, *WITHOUT_TESTS)


def test(warehouse: Warehouse) -> None:
    warehouse.dbt("test", *VARIABLES)


def check_documents(warehouse: Warehouse) -> None:
    with contextlib.closing(warehouse.connect()) as connection:
        cursor = connection.cursor()
        cursor.execute(FLOORS[warehouse.engine])
        cursor.fetchall()


def check_twice(warehouse: Warehouse) -> Cost:
    """Check the documents once for the disk, and once for the clock."""
    check_documents(warehouse)
    return cost_of(check_documents, warehouse)


def cost_of(work: Callable[..., object], *arguments: object) -> Cost:
    """Time a piece of work, once the disk has what was written before: a commit would wait for that."""
    os.sync()
    start, before = time.perf_counter(), processor_seconds()
    work(*arguments)
    return Cost(time.perf_counter() - start, processor_seconds() - before, peak_memory())


def apart(work: Callable[..., Cost], *arguments: object) -> Cost:
    """Run work in a process of its own, whose memory is then its alone."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def measure(warehouse: Warehouse, orders: int, documents: int, raw: Path, added: Path) -> Size:
    """Take one warehouse through all steps."""
    steps: dict[str, Cost] = {}

    def take(step: str, work: Callable[..., object], *arguments: object) -> None:
        steps[step] = cost = apart(cost_of, work, warehouse, *arguments)
        print(f"{warehouse.engine:9}{orders:>10,} {step:10}{cost.wall:8.1f} s {memory_of(cost)}", flush=True)

    take("load", load, [raw], LOADED_AT)
    floor = apart(check_twice, warehouse)
    print(f"{warehouse.engine:9}{orders:>10,} {'floor':10}{floor.wall:8.2f} s", flush=True)
    take("full", build)
    load(warehouse, [added], LOADED_AT + timedelta(hours=1))
    take("1 % more", build)
    take("tests", test)
    return Size(warehouse.engine, orders, documents, floor, steps)


def memory_of(cost: Cost) -> str:
    return "—" if cost.memory is None else f"{cost.memory / 1024:.1f} GiB"


def table(sizes: Sequence[Size]) -> str:
    """Write the sizes as Markdown."""
    names = ["engine", "orders", "documents", "floor", *STEPS[:3], "of full", STEPS[3], "full's peak", "full's growth"]
    lines = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
    for position, size in enumerate(sizes):
        steps = size.steps
        before = sizes[position - 1] if position and sizes[position - 1].engine == size.engine else None
        cells = [
            {"duckdb": "DuckDB", "postgres": "PostgreSQL"}[size.engine],
            f"{size.orders:,}",
            f"{size.documents:,}",
            f"{size.floor.wall:.2f} s",
            *(f"{steps[step].wall:.0f} s, {size.in_floors(step):.0f}" for step in ("load", "full", "1 % more")),
            f"{steps['1 % more'].wall / steps['full'].wall:.0%}",
            f"{steps['tests'].wall:.0f} s, {size.in_floors('tests'):.0f}",
            memory_of(steps["full"]) if size.engine == "duckdb" else "",
            f"{per_doubling(before, size):.2f}" if before else "",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def per_doubling(less: Size, more: Size) -> float:
    """By how much the full build's time grew for each doubling between two sizes."""
    doublings = math.log2(more.documents / less.documents)
    return (more.steps["full"].wall / less.steps["full"].wall) ** (1 / doublings)


def plot(sizes: Sequence[Size], path: Path) -> None:
    """Draw the time of each step against the orders, with that of the floor, both on logarithmic scales."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "coco"
    from matplotlib import pyplot

    engines = list(dict.fromkeys(size.engine for size in sizes))
    figure, axes = pyplot.subplots(1, len(engines), figsize=(5 * len(engines), 4), sharey=True, squeeze=False)
    for axis, engine in zip(axes[0], engines, strict=True):
        of_engine = [size for size in sizes if size.engine == engine]
        orders = [size.orders for size in of_engine]
        for step in STEPS:
            axis.plot(orders, [size.steps[step].wall for size in of_engine], marker="o", label=step)
        axis.plot(orders, [size.floor.wall for size in of_engine], marker="o", linestyle="--", label="floor")
        axis.set(xscale="log", yscale="log", xlabel="orders", title={"duckdb": "DuckDB"}.get(engine, "PostgreSQL"))
        axis.set_xticks(orders, [f"{number:,}" for number in orders])
        axis.minorticks_off()
        axis.grid(alpha=0.3)
    axes[0][0].set_ylabel("seconds")
    axes[0][0].legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def write(sizes: Sequence[Size]) -> None:
    """Put the table and the plot where the documentation has them."""
    page = PROJECT / "docs" / "benchmarks.md"
    page.write_text(TABLE.sub(lambda _: table(sizes), page.read_text(encoding="utf-8")), encoding="utf-8")
    plot(sizes, PROJECT / PLOT)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sizes_help = "orders of each size (100000 300000 1000000)"
    parser.add_argument("--orders", type=int, nargs="+", default=[100_000, 300_000, 1_000_000], help=sizes_help)
    parser.add_argument("--postgres-orders", type=int, default=300_000, help="largest size on PostgreSQL (300000)")
    parser.add_argument("--memory", default="7GiB", help="DuckDB's memory limit (7GiB: the process then needs 8)")
    parser.add_argument("--write", action="store_true", help="put the results into docs/benchmarks.md")
    arguments = parser.parse_args()
    sizes: list[Size] = []
    for orders in arguments.orders:
        with tempfile.TemporaryDirectory(prefix="coco-benchmark-") as name:
            folder = Path(name)
            raw = folder / "sample" / "raw"
            simulate(folder / "sample", orders=orders, faults=0.02, project_dir=PROJECT)
            documents, added = hold_back(raw / "order_documents")
            for engine in ["duckdb"] + ["postgres"] * (orders <= arguments.postgres_orders):
                settings = {"memory_limit": arguments.memory}
                with warehouses(folder, [engine], THREADS, settings) as (warehouse,):
                    sizes.append(measure(warehouse, orders, documents, raw, added))
    sizes.sort(key=lambda size: (size.engine, size.orders))
    print(table(sizes))
    if arguments.write:
        write(sizes)


if __name__ == "__main__":
    main()

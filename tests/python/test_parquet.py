"""`coco parquet` writes every raw table, value for value, and removes nothing that it did not write."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from warehouses import PROJECT, Warehouse, environment, run_command

from coco_warehouse.parquet import ParquetError, Written, write_parquet
from coco_warehouse.targets import resolve_target

ENGINES = ["duckdb", "postgres"]


def write(warehouse: Warehouse, folder: Path) -> Written:
    with environment(warehouse.environment):
        return write_parquet(resolve_target(warehouse.target, warehouse.folder, PROJECT), folder)


def parquet_rows(folder: Path, schema: str, table: str) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
    """Columns with DuckDB's names of their types, and rows."""
    with closing(duckdb.connect()) as connection:
        connection.execute("set TimeZone = 'UTC'")
        files = f"read_parquet('{folder / schema / table}/*.parquet')"
        columns = [
            (name, type_) for name, type_, *_ in connection.execute(f"describe select * from {files}").fetchall()
        ]
        return columns, connection.execute(f"select * from {files}").fetchall()


@pytest.mark.parametrize("engine", ENGINES)
def test_every_raw_table_is_written_value_for_value(engine, built_warehouse, tmp_path, subtests):
    warehouse = built_warehouse(engine)
    written = write(warehouse, tmp_path / "raw")
    assert written.missing == []
    for table in warehouse.raw_tables():
        with subtests.test(table=f"{table.schema}.{table.identifier}"):
            columns, rows = parquet_rows(tmp_path / "raw", table.schema, table.identifier)
            names = [name for name, _ in columns]
            assert set(table.required_columns) <= set(names)
            assert {type_ for _, type_ in columns} <= {"VARCHAR", "BIGINT", "BOOLEAN", "TIMESTAMP WITH TIME ZONE"}
            listed = ", ".join(f'"{name}"' for name in names)
            with closing(warehouse.connect(read_only=True)) as connection:
                cursor = connection.cursor()
                cursor.execute("set time zone 'UTC'")
                cursor.execute(f'select {listed} from "{table.schema}"."{table.identifier}"')
                expected = Counter(tuple(row) for row in cursor.fetchall())
            assert Counter(rows) == expected
            assert written.rows[f"{table.schema}.{table.identifier}"] == expected.total()


@pytest.mark.parametrize("engine", ENGINES)
def test_times_without_a_zone_are_utc_and_other_types_are_text(engine, new_warehouse, tmp_path):
    warehouse = new_warehouse(engine)
    json_type = "json" if engine == "duckdb" else "jsonb"
    warehouse.execute(
        "create schema bank",
        "create table bank.transactions (posted_date date, loaded_at timestamp, amount numeric(9, 2),"
        f" description {json_type}, reference text, source_row_number integer)",
        "insert into bank.transactions values"
        " ('2026-10-31', '2026-11-01 02:30:00.123456', 12.30, '{\"a\": 1}', '', 7),"
        " (null, null, null, null, null, null)",
    )
    written = write(warehouse, tmp_path / "raw")
    assert written.rows == {"bank.transactions": 2}
    assert "order_api.order_documents" in written.missing
    columns, rows = parquet_rows(tmp_path / "raw", "bank", "transactions")
    assert dict(columns) == {
        "posted_date": "DATE",
        "loaded_at": "TIMESTAMP WITH TIME ZONE",
        "amount": "VARCHAR",
        "description": "VARCHAR",
        "reference": "VARCHAR",
        "source_row_number": "INTEGER",
    }
    assert rows[1] == (None,) * 6
    assert rows[0][1].isoformat() == "2026-11-01T02:30:00.123456+00:00"
    assert rows[0][2:] == ("12.30", '{"a": 1}', "", 7)
    assert rows[0][0] == datetime(2026, 10, 31).date()


def test_a_folder_is_replaced_only_where_this_command_wrote_it(duckdb_warehouse, tmp_path):
    folder = tmp_path / "raw"
    write(duckdb_warehouse, folder)
    leftover = folder / "bank" / "transactions" / "part-1.parquet"
    leftover.write_bytes(b"of an earlier day")
    write(duckdb_warehouse, folder)
    assert not leftover.exists()

    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ParquetError, match=r"holds other things \(notes.txt\). Name a folder of its own."):
        write(duckdb_warehouse, folder)
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert (folder / "bank" / "transactions" / "part-0.parquet").exists()


def test_a_warehouse_without_raw_tables_leaves_the_last_files(duckdb_warehouse, new_warehouse, tmp_path):
    folder = tmp_path / "raw"
    write(duckdb_warehouse, folder)
    empty = new_warehouse("duckdb")
    with pytest.raises(ParquetError, match=r"There is no warehouse at .*COCO_DUCKDB_PATH.*coco load PATH"):
        write(empty, folder)
    empty.execute("create schema bank")
    with pytest.raises(ParquetError, match=r"has no raw table\. Load files first: coco load"):
        write(empty, folder)
    assert (folder / "bank" / "transactions" / "part-0.parquet").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw"]


def test_the_command_says_what_it_wrote(duckdb_warehouse, tmp_path):
    options = ["--target", "dev", "--profiles-dir", str(duckdb_warehouse.folder), "--project-dir", str(PROJECT)]
    run = run_command("coco", "parquet", *options, "--out", "raw", folder=tmp_path, **duckdb_warehouse.environment)
    assert run.returncode == 0, run.stderr
    count = sum(1 for _ in (tmp_path / "raw").glob("*/*/*.parquet"))
    assert f"{count} raw tables to {tmp_path / 'raw'}" in run.stdout

"""The command `coco parquet`: the raw tables as Parquet files, for engines that read files (target `spark`)."""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import duckdb
import psycopg2
import pyarrow as pa
import pyarrow.parquet as pq

from coco_warehouse.catalog import RawTable, read_catalog
from coco_warehouse.load.errors import LoadError
from coco_warehouse.load.warehouse import (
    duckdb_path,
    duckdb_reason,
    path_literal,
    postgres_parameters,
    quoted,
    table_name,
)
from coco_warehouse.targets import Target, TargetError, no_warehouse, resolve_target

# A row group is what one task reads at least: so many order documents are some 80 MB before they are packed.
ROW_GROUP_ROWS = 20_480
# Rows of PostgreSQL that are in memory at a time.
FETCHED_ROWS = 2_000
FILE_NAME = "part-0.parquet"

# How a column of each type is read, so that Spark reads the same value, and the Arrow type that it then has.
# What is not here (JSON, numeric, uuid …) becomes text, as staging reads it.
PLAIN_TYPES = {
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "smallint": pa.int16(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
}
ZONELESS_TIMES = ("timestamp", "timestamp without time zone")


class ParquetError(Exception):
    """The raw tables cannot be written; the text says why and what to do."""


@dataclass(frozen=True)
class Written:
    """What was written: rows by table, and the tables that the sources declare and the warehouse has not."""

    rows: dict[str, int]
    missing: list[str]


@dataclass(frozen=True)
class _Column:
    name: str
    sql: str
    arrow_type: pa.DataType


def _column(name: str, engine_type: str) -> _Column:
    column, found = quoted(name), engine_type.lower()
    if found in ZONELESS_TIMES:
        return _Column(name, f"{column} at time zone 'UTC' as {column}", PLAIN_TYPES["timestamp with time zone"])
    if found in PLAIN_TYPES:
        return _Column(name, column, PLAIN_TYPES[found])
    return _Column(name, f"cast({column} as text) as {column}", pa.string())


class _Reader(ABC):
    """A warehouse as of one moment."""

    @abstractmethod
    def columns(self, table: RawTable) -> list[_Column]:
        """The columns that a raw table has; none when it does not exist."""

    @abstractmethod
    def write(self, query: str, columns: Sequence[_Column], path: Path) -> int:
        """Write the rows of a query to a Parquet file; return how many they are."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""


class _DuckDbReader(_Reader):
    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise ParquetError(no_warehouse(path))
        try:
            self._connection = duckdb.connect(str(path), read_only=True)
        except duckdb.Error as error:
            raise ParquetError(duckdb_reason(path, error, "try again; nothing was written")) from error
        self._connection.execute("set TimeZone = 'UTC'")
        self._connection.execute("set enable_progress_bar = false")
        self._connection.execute("begin")

    def columns(self, table: RawTable) -> list[_Column]:
        found = self._connection.execute(
            "select column_name, data_type from information_schema.columns where table_schema = ? and table_name = ?"
            " and table_catalog = current_database() order by ordinal_position",
            [table.schema, table.identifier],
        ).fetchall()
        return [_column(name, engine_type) for name, engine_type in found]

    def write(self, query: str, columns: Sequence[_Column], path: Path) -> int:
        options = f"(format parquet, compression zstd, row_group_size {ROW_GROUP_ROWS})"
        copied = self._connection.execute(f"copy ({query}) to {path_literal(path)} {options}").fetchall()
        return int(copied[0][0])

    def close(self) -> None:
        self._connection.close()


class _PostgresReader(_Reader):
    def __init__(self, target: Target) -> None:
        self._connection = psycopg2.connect(**postgres_parameters(target))
        self._connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with self._connection.cursor() as cursor:
            cursor.execute("set time zone 'UTC'")
            if role := target.settings.get("role"):
                cursor.execute(f"set role {quoted(role)}")

    def columns(self, table: RawTable) -> list[_Column]:
        with self._connection.cursor() as cursor:
            cursor.execute(
                "select column_name, data_type from information_schema.columns"
                " where table_schema = %s and table_name = %s order by ordinal_position",
                (table.schema, table.identifier),
            )
            return [_column(name, engine_type) for name, engine_type in cursor.fetchall()]

    def write(self, query: str, columns: Sequence[_Column], path: Path) -> int:
        schema = pa.schema([(column.name, column.arrow_type) for column in columns])
        count = 0
        with (
            self._connection.cursor("coco_parquet") as cursor,
            pq.ParquetWriter(path, schema, compression="zstd") as writer,
        ):
            cursor.itersize = FETCHED_ROWS
            cursor.execute(query)
            for rows in _batches(cursor):
                values = zip(*rows, strict=True)
                arrays = [pa.array(list(column), field.type) for column, field in zip(values, schema, strict=True)]
                writer.write_batch(pa.record_batch(arrays, schema=schema))
                count += len(rows)
        return count

    def close(self) -> None:
        self._connection.close()


def _batches(cursor: Any) -> Iterator[list[tuple[Any, ...]]]:
    while rows := cursor.fetchmany(FETCHED_ROWS):
        yield rows


def write_parquet(target: Target, folder: Path) -> Written:
    """Write each raw table of a target to `folder/<schema>/<table>/`, all of them as of one moment.

    Columns keep their names. Times become UTC moments; JSON and what Spark has no type for becomes its text. The
    folder takes the place of one that was written before, once everything is written.

    Raises:
        ParquetError: the warehouse cannot be read, or the folder holds something else or cannot be written.
    """
    tables = read_catalog(target).tables
    _require_own(folder, {table.schema for table in tables})
    work = folder.with_name(f".{folder.name}-writing")
    try:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        with closing(_open(target, tables[0].database)) as reader:
            written = _write_tables(reader, tables, work)
        if not written.rows:
            raise ParquetError(
                f"Target {target.name} has no raw table. Load files first: coco load --target {target.name} PATH"
            )
        if folder.exists():
            shutil.rmtree(folder)
        work.rename(folder)
    except (duckdb.Error, psycopg2.Error) as error:
        raise ParquetError(f"Target {target.name} cannot be read: {str(error).strip()}") from error
    except OSError as error:
        raise ParquetError(f"{folder} cannot be written: {error}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return written


def _require_own(folder: Path, schemas: set[str]) -> None:
    """Stop where a folder holds what this command has not written: it would be removed."""
    if folder.exists() and not folder.is_dir():
        raise ParquetError(f"{folder} is a file. Name a folder.")
    foreign = sorted(path.name for path in folder.glob("*") if path.name not in schemas)
    if foreign:
        raise ParquetError(f"{folder} holds other things ({', '.join(foreign[:3])}). Name a folder of its own.")


def _open(target: Target, database: str) -> _Reader:
    try:
        return _DuckDbReader(duckdb_path(target, database)) if target.type == "duckdb" else _PostgresReader(target)
    except LoadError as error:
        raise ParquetError(str(error)) from error


def _write_tables(reader: _Reader, tables: Sequence[RawTable], folder: Path) -> Written:
    written = Written(rows={}, missing=[])
    for table in tables:
        name = f"{table.schema}.{table.identifier}"
        columns = reader.columns(table)
        if not columns:
            written.missing.append(name)
            continue
        place = folder / table.schema / table.identifier
        place.mkdir(parents=True)
        query = f"select {', '.join(column.sql for column in columns)} from {table_name(table)}"
        written.rows[name] = reader.write(query, columns, place / FILE_NAME)
    return written


@click.command("parquet")
@click.option("--target", help="Output of the dbt profile whose raw tables are written; by default the profile's own.")
@click.option(
    "--out", "folder", required=True, type=click.Path(path_type=Path), help="Folder, which is replaced if it is there."
)
@click.option("--profiles-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of profiles.yml.")
@click.option("--project-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of dbt_project.yml.")
def parquet(target: str | None, folder: Path, profiles_dir: Path | None, project_dir: Path | None) -> None:
    """Write the raw tables as Parquet, which the target spark reads.

    Then name them there: dbt run-operation register_raw --target spark --args '{folder: /path/to/FOLDER}'
    """
    try:
        written = write_parquet(resolve_target(target, profiles_dir, project_dir), folder.absolute())
    except (ParquetError, TargetError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Wrote {sum(written.rows.values()):,} rows of {len(written.rows)} raw tables to {folder.absolute()}")
    if written.missing:
        click.echo(f"Not in the warehouse, so not written: {', '.join(written.missing)}")

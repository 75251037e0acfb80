"""Batches of raw files on their way through dlt into the warehouse, in one transaction.

dlt keeps the batches in a load package on disk, so that memory stays bounded, and hands its files to `Landing.take`.
It runs with a destination of our own: its DuckDB and PostgreSQL destinations commit table by table, leave tables of
their own in every schema, and (PostgreSQL) turn empty texts into nulls.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from coco_warehouse.catalog import RawTable
from coco_warehouse.load.warehouse import SQL_TYPES, Warehouse, quoted, table_name

FILE_NUMBER = "coco_file_number"
ROW_NUMBER = "coco_row_number"
DOCUMENT = "document"
SYNCED, DELETED = "_fivetran_synced", "_fivetran_deleted"

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"


@dataclass(frozen=True)
class RawBatch:
    """Rows for a raw table; those of an extract carry FILE_NUMBER and ROW_NUMBER, by which one is the newest."""

    table: RawTable
    rows: pa.RecordBatch


class Stage:
    """Batches kept on disk by dlt until they are landed."""

    def __init__(self, folder: Path) -> None:
        """Make an empty stage in a folder, which the caller removes."""
        self._tables: dict[tuple[RawTable, tuple[str, ...]], str] = {}
        self._file_columns: dict[int, list[str]] = {}
        self.longest_value = 0
        self._landing: Landing | None = None
        self._failure: Exception | None = None
        self._pipeline = self._make_pipeline(folder)

    def columns(self, table: RawTable) -> list[str]:
        """Columns that the staged batches of a table have, in the order they came."""
        names = [name for staged, names in self._tables if staged == table for name in names]
        return list(dict.fromkeys(names))

    def file_columns(self, number: int) -> list[str]:
        """Columns of an extract's file, by its number; none when it had no rows."""
        return self._file_columns.get(number, [])

    def fill(self, batches: Iterable[RawBatch]) -> None:
        """Write batches to disk. An error that the batches raise comes out as it is."""
        import dlt
        from dlt.pipeline.exceptions import PipelineStepFailed

        failure: list[Exception] = []

        def items() -> Iterator[Any]:
            try:
                for batch in batches:
                    self.longest_value = max(self.longest_value, _longest_text(batch.rows))
                    yield dlt.mark.with_table_name(batch.rows, self._table_name(batch))
            except Exception as error:
                failure.append(error)
                raise

        try:
            self._pipeline.extract(dlt.resource(items, name="raw_files"))
            self._pipeline.normalize()
        except PipelineStepFailed:
            if failure:
                raise failure[0] from None
            raise

    def empty_into(self, landing: "Landing") -> None:
        """Hand every staged file to the landing, one after another. The engine's error comes out as it is."""
        from dlt.pipeline.exceptions import PipelineStepFailed

        self._landing = landing
        try:
            self._pipeline.load(workers=1)
        except PipelineStepFailed:
            if self._failure is not None:
                raise self._failure from None
            raise

    def _table_name(self, batch: RawBatch) -> str:
        """Name under which dlt keeps a table's batches, one for each set of columns: Parquet files have but one."""
        names = batch.rows.schema.names
        if batch.table.is_extract:
            number = batch.rows[FILE_NUMBER][0].as_py()
            known = self._file_columns.setdefault(number, [])
            known.extend(name for name in names if name not in (*known, FILE_NUMBER, ROW_NUMBER))
        key = batch.table, tuple(names)
        return self._tables.setdefault(key, f"staged_{len(self._tables)}")

    def _make_pipeline(self, folder: Path) -> Any:
        import dlt
        from dlt.common.destination.exceptions import DestinationTerminalException

        def warehouse(path: Any, table: Any) -> None:
            staged = next(key[0] for key, name in self._tables.items() if name == table["name"])
            assert self._landing is not None
            try:
                self._landing.take(Path(path), staged)
            except Exception as error:
                self._failure = error
                # Terminal: the transaction is over, so that another try can only fail.
                raise DestinationTerminalException(str(error)) from error

        # Each batch is written as it comes, since its rows may be of any size.
        dlt.config["data_writer.buffer_max_items"] = 1
        # It is read once and removed: compressing it takes longer than writing it.
        dlt.config["data_writer.compression"] = "none"
        dlt.config["restore_from_destination"] = False
        return dlt.pipeline(
            pipeline_name="coco_load",
            pipelines_dir=str(folder),
            destination=dlt.destination(warehouse, batch_size=0, loader_file_format="parquet"),
        )


class Landing:
    """The one transaction in which a load reaches the warehouse."""

    def __init__(self, warehouse: Warehouse, refused_hashes: Sequence[str], refused_numbers: Sequence[int]) -> None:
        """Prepare to land what is staged, without the rows of refused files."""
        self._warehouse = warehouse
        self._refused_hashes = list(refused_hashes)
        self._refused_numbers = list(refused_numbers)
        self._incoming: dict[RawTable, str] = {}

    def create(self, table: RawTable, names: Sequence[str]) -> None:
        """Make a raw table with the named columns, or add those that it lacks."""
        present = self._warehouse.columns(table)
        if not present:
            if not self._warehouse.schema_exists(table.schema):
                self._warehouse.execute(f"create schema {quoted(table.schema)}")
            definitions = ", ".join(self._definition(table, name) for name in names)
            self._warehouse.execute(f"create table {table_name(table)} ({definitions})")
            return
        for name in names:
            if name not in present:
                self._warehouse.execute(f"alter table {table_name(table)} add column {self._definition(table, name)}")

    def _definition(self, table: RawTable, name: str) -> str:
        declared = SQL_TYPES[table.column_type(name) or "string"]
        return f"{quoted(name)} {self._warehouse.document_type if name == DOCUMENT else declared}"

    def open_extract(self, table: RawTable, kept: Sequence[str], staged: Sequence[str]) -> None:
        """Make the table that an extract's rows wait in, with the types of the table they are for.

        Args:
            table: the table, which exists.
            kept: its columns that rows of accepted files have.
            staged: every column that staged batches have.
        """
        incoming = f"incoming_{len(self._incoming)}"
        columns = [quoted(name) for name in kept]
        columns += [
            f"cast(null as text) as {quoted(name)}" for name in staged if name not in (*kept, FILE_NUMBER, ROW_NUMBER)
        ]
        numbers = f"cast(0 as bigint) as {FILE_NUMBER}, cast(0 as bigint) as {ROW_NUMBER}"
        self._warehouse.execute(
            f"create temporary table {incoming} as select {', '.join(columns)}, {numbers} "
            f"from {table_name(table)} where false"
        )
        self._incoming[table] = incoming

    def take(self, path: Path, table: RawTable) -> None:
        """Insert the rows of one staged file."""
        if table in self._incoming:
            self._warehouse.copy_parquet(path, self._incoming[table], ())
        elif not table.is_extract:
            self._warehouse.copy_parquet(path, table_name(table), self._refused_hashes)

    def merge_extract(self, table: RawTable, kept: Sequence[str]) -> None:
        """Put the newest incoming row of each key in place of the table's row, unless that one is newer.

        Newest is the row that was synced last; of several, one that says deleted, since a mass delete does not move
        `_fivetran_synced`; of several, that of the last file. So any order of arrival gives the same table.
        """
        target, incoming, newest = table_name(table), self._incoming[table], f"newest_{self._incoming[table]}"
        key = ", ".join(quoted(name) for name in table.primary_key)
        same_key = " and ".join(f"present.{quoted(n)} = newest.{quoted(n)}" for n in table.primary_key)
        columns = ", ".join(quoted(name) for name in kept)
        execute = self._warehouse.execute
        if self._refused_numbers:
            refused = ", ".join(str(number) for number in self._refused_numbers)
            execute(f"delete from {incoming} where {FILE_NUMBER} in ({refused})")
        execute(
            f"create temporary table {newest} as select * from (select *, row_number() over (partition by {key} "
            f"order by {SYNCED} desc nulls last, coalesce({DELETED}, false) desc, {FILE_NUMBER} desc, "
            f"{ROW_NUMBER} desc) as coco_rank from {incoming}) as ranked where coco_rank = 1"
        )
        execute(
            f"delete from {newest} as newest using {target} as present where {same_key} "
            f"and (present.{SYNCED} > newest.{SYNCED} or (present.{SYNCED} is not null and newest.{SYNCED} is null) "
            f"or (present.{SYNCED} = newest.{SYNCED} "
            f"and coalesce(present.{DELETED}, false) and not coalesce(newest.{DELETED}, false)))"
        )
        execute(f"delete from {target} as present using {newest} as newest where {same_key}")
        execute(f"insert into {target} ({columns}) select {columns} from {newest}")
        execute(f"drop table {newest}")
        execute(f"drop table {incoming}")


def _longest_text(rows: pa.RecordBatch) -> int:
    """Bytes of the longest text in a batch."""
    lengths = [pc.max(pc.binary_length(column)).as_py() for column in rows.columns if pa.types.is_string(column.type)]
    return max((length for length in lengths if length is not None), default=0)

"""The warehouse that is loaded into: DuckDB or PostgreSQL, behind the few statements in which they differ."""

import io
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from coco_warehouse.catalog import RawTable
from coco_warehouse.load.errors import LoadError
from coco_warehouse.targets import Target

# Text holds JSON too: a payload that is no JSON must be kept. Times are moments, as Fivetran writes them.
SQL_TYPES = {
    "string": "text",
    "json": "text",
    "bigint": "bigint",
    "boolean": "boolean",
    "timestamp": "timestamp with time zone",
}
# Loads and builds of one PostgreSQL database wait for each other on this number.
ADVISORY_LOCK = 0x636F636F
# DuckDB keeps a row group in memory until it is full: with its usual rows, half a gigabyte of order documents. Values
# too long for that are landed in small row groups, which later writers of the file bring together, at their cost.
ROW_GROUP_ROWS = 122_880
SMALL_ROW_GROUP_ROWS = 2_048
ENGINE_MEMORY_BYTES = 2 * 1024**3
SMALL_MEMORY_BYTES = 256 * 1024**2
# Rows that are put into CSV at a time on their way to PostgreSQL.
COPY_ROWS = 1_000


def quoted(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'


def path_literal(path: Path) -> str:
    """Write a path as a text of DuckDB's SQL, for statements that take no parameters."""
    text = str(path).replace("'", "''")
    return f"'{text}'"


def table_name(table: RawTable) -> str:
    """Qualified name of a raw table."""
    return f"{quoted(table.schema)}.{quoted(table.identifier)}"


class Warehouse(ABC):
    """An open, locked connection on which one load at a time works.

    Statements take `%s` for their parameters. In a statement without any, a percent sign is itself: names of columns
    come from files. Names in a statement with parameters are the project's own, and have none.
    """

    # What the engine's own errors are.
    engine_error: type[Exception]
    # Type of a column that holds whole documents.
    document_type = "text"

    @abstractmethod
    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Run a statement."""

    @abstractmethod
    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a query and fetch its rows."""

    @abstractmethod
    def copy_parquet(self, path: Path, into: str, refused_hashes: Sequence[str]) -> None:
        """Insert the rows of a Parquet file, by column name, without those of refused files."""

    @abstractmethod
    def expect(self, longest_value: int) -> None:
        """Prepare for values of at most so many bytes."""

    @abstractmethod
    def close(self) -> None:
        """Give back the lock and the connection."""

    @abstractmethod
    def columns(self, table: RawTable) -> list[str]:
        """Names of the columns that a raw table has; none when it does not exist."""

    @abstractmethod
    def schema_exists(self, schema: str) -> bool:
        """Whether a schema exists."""


def open_warehouse(
    target: Target,
    database: str,
    on_wait: Callable[[], None] | None = None,
    again: str = "load again; nothing was landed",
) -> Warehouse:
    """Connect to the target's database that holds the raw tables, and take its lock.

    On PostgreSQL `on_wait` is called when another load or build has the lock, before its end is waited for.
    `again` is what to do once it can be opened, and ends the sentence that says why it cannot.

    Raises:
        LoadError: it cannot be reached, or another process holds it.
    """
    if target.type == "duckdb":
        return DuckDbWarehouse(target, database, again)
    if database != target.database:
        raise LoadError(
            f"The variable raw_database is {database}, and target {target.name} is the PostgreSQL database "
            f"{target.database}. PostgreSQL reads no second database: leave the variable null."
        )
    return PostgresWarehouse(target, on_wait, again)


class DuckDbWarehouse(Warehouse):
    """A DuckDB file; DuckDB itself keeps other processes out while it is open."""

    engine_error = duckdb.Error
    # What DuckDB chooses by itself takes twice the time and twice the space.
    document_type = "text using compression zstd"

    def __init__(self, target: Target, database: str, again: str) -> None:
        """Open the file, which is made when there is none. Raises LoadError."""
        path = duckdb_path(target, database)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._again = again
        self._connection = duckdb.connect()
        self._attach(ROW_GROUP_ROWS)
        # Where DuckDB itself puts the overflow of a database file.
        self.execute(f"set temp_directory = {path_literal(Path(f'{path}.tmp'))}")
        self.execute("set TimeZone = 'UTC'")
        # In a notebook DuckDB would show a bar of its own beside that of the load.
        self.execute("set enable_progress_bar = false")

    def _attach(self, row_group_rows: int) -> None:
        """Open the file. Raises LoadError."""
        try:
            self._connection.execute(
                f"attach {path_literal(self._path)} as warehouse (row_group_size {row_group_rows})"
            )
        except duckdb.Error as error:
            raise LoadError(duckdb_reason(self._path, error, self._again)) from error
        self.execute("use warehouse")

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Run a statement."""
        self._connection.execute(sql.replace("%s", "?") if parameters else sql, list(parameters))

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a query and fetch its rows."""
        self.execute(sql, parameters)
        return self._connection.fetchall()

    def columns(self, table: RawTable) -> list[str]:
        """Names of the columns that a raw table has; none when it does not exist."""
        rows = self.query(
            "select column_name from information_schema.columns where table_schema = %s and table_name = %s"
            " and table_catalog = current_database() order by ordinal_position",
            (table.schema, table.identifier),
        )
        return [name for (name,) in rows]

    def schema_exists(self, schema: str) -> bool:
        """Whether a schema exists."""
        return bool(
            self.query(
                "select 1 from information_schema.schemata where schema_name = %s"
                " and catalog_name = current_database()",
                (schema,),
            )
        )

    def copy_parquet(self, path: Path, into: str, refused_hashes: Sequence[str]) -> None:
        """Insert the rows of a Parquet file, by column name, without those of refused files."""
        condition = "where not list_contains(?, source_file_hash)" if refused_hashes else ""
        # Each thread would fill a row group of its own.
        self.execute("set threads = 1")
        self._connection.execute(
            f"insert into {into} by name select * from read_parquet(?) {condition}",
            [str(path), *([list(refused_hashes)] if refused_hashes else [])],
        )
        self.execute("reset threads")

    def expect(self, longest_value: int) -> None:
        """Bound the memory that a transaction may take, unless its values are too long for it."""
        if longest_value * ROW_GROUP_ROWS <= ENGINE_MEMORY_BYTES:
            self.execute(f"set memory_limit = '{ENGINE_MEMORY_BYTES} bytes'")
            return
        self.execute("use memory")
        self.execute("detach warehouse")
        self._attach(SMALL_ROW_GROUP_ROWS)
        # Values that do not fit in memory a row group at a time fail where they cannot be spilled.
        if longest_value * SMALL_ROW_GROUP_ROWS <= SMALL_MEMORY_BYTES:
            self.execute(f"set memory_limit = '{SMALL_MEMORY_BYTES} bytes'")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def duckdb_path(target: Target, database: str) -> Path:
    """Return the file of a DuckDB target's database that holds the raw tables. Raises LoadError when it has none."""
    path = target.settings["path"]
    if database != target.database:
        attached = {_attached_alias(entry): entry["path"] for entry in target.settings.get("attach") or []}
        if database not in attached:
            raise LoadError(
                f"The variable raw_database is {database}, and target {target.name} attaches no database of that "
                "name: add it to `attach` in profiles.yml, or leave the variable null."
            )
        path = attached[database]
    if path == ":memory:" or (
        re.match(r"[a-z0-9]+:", path, re.IGNORECASE) and not re.match(r"[a-z]:[\\/]", path, re.I)
    ):
        raise LoadError(
            f"Target {target.name} keeps its data in {path}, where nothing can be landed. "
            "Give it the path of a file in profiles.yml."
        )
    # dbt works in the project's folder.
    return target.project_dir / str(path)


def _attached_alias(entry: dict[str, Any]) -> str:
    return entry.get("alias") or Path(entry["path"]).stem


def duckdb_reason(path: Path, error: duckdb.Error, again: str) -> str:
    """Say why a DuckDB file cannot be opened, and what to do; `again` is what to do when nobody else has it open."""
    message = str(error)
    if "could not set lock" in message.lower():
        holder = re.search(r"held in (.*?\(PID \d+\))", message)
        return (
            f"{path} is in use by another process{f': {holder.group(1)}' if holder else ''}. "
            f"Close it (a dbt build, a dashboard, a DuckDB shell) and {again}."
        )
    return (
        f"{path} cannot be opened: {message.splitlines()[0]} "
        "Which file it is stands in profiles.yml, or in the variable COCO_DUCKDB_PATH that it reads."
    )


class PostgresWarehouse(Warehouse):
    """A PostgreSQL database, under an advisory lock that keeps other loads and builds waiting."""

    engine_error = psycopg2.Error

    def __init__(self, target: Target, on_wait: Callable[[], None] | None, again: str) -> None:
        """Connect and wait for the lock; `on_wait` is called when it is not free at once. Raises LoadError."""
        try:
            self._connection = psycopg2.connect(**postgres_parameters(target))
        except (psycopg2.OperationalError, UnicodeDecodeError) as error:
            raise LoadError(_postgres_reason(target, str(error), again)) from error
        # Transactions are begun and ended by statements of our own.
        self._connection.autocommit = True
        self.execute("set time zone 'UTC'")
        if role := target.settings.get("role"):
            self.execute(f"set role {quoted(role)}")
        if self.query("select 1 from pg_settings where name = 'default_toast_compression' and 'lz4' = any (enumvals)"):
            # Documents compress several times faster than with the default.
            self.execute("set default_toast_compression = 'lz4'")
        [(is_free,)] = self.query("select pg_try_advisory_lock(%s)", (ADVISORY_LOCK,))
        if not is_free:
            if on_wait is not None:
                on_wait()
            self.execute("select pg_advisory_lock(%s)", (ADVISORY_LOCK,))

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Run a statement."""
        with self._connection.cursor() as cursor:
            # With an empty sequence it would still look for marks.
            cursor.execute(sql, parameters or None)

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a query and fetch its rows."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return list(cursor.fetchall())

    # The information schema hides what the login has no right to, and would have it made again.
    def columns(self, table: RawTable) -> list[str]:
        """Names of the columns that a raw table has; none when it does not exist."""
        rows = self.query(
            "select a.attname from pg_attribute as a inner join pg_class as c on a.attrelid = c.oid"
            " inner join pg_namespace as n on c.relnamespace = n.oid where n.nspname = %s and c.relname = %s"
            " and a.attnum > 0 and not a.attisdropped order by a.attnum",
            (table.schema, table.identifier),
        )
        return [name for (name,) in rows]

    def schema_exists(self, schema: str) -> bool:
        """Whether a schema exists."""
        return bool(self.query("select 1 from pg_namespace where nspname = %s", (schema,)))

    def copy_parquet(self, path: Path, into: str, refused_hashes: Sequence[str]) -> None:
        """Insert the rows of a Parquet file, by column name, without those of refused files."""
        parquet = pq.ParquetFile(path)
        columns = ", ".join(quoted(name) for name in parquet.schema_arrow.names)
        with self._connection.cursor() as cursor:
            # Arrow quotes every text, so that an unquoted empty field is null and a quoted one the empty text.
            cursor.copy_expert(
                f"copy {into} ({columns}) from stdin with (format csv, null '')",
                _CsvStream(_without(parquet.iter_batches(COPY_ROWS), refused_hashes)),
                size=1 << 20,
            )

    def expect(self, longest_value: int) -> None:
        """PostgreSQL needs no preparation: it takes rows one by one."""

    def close(self) -> None:
        """Close the connection, which gives back the lock."""
        self._connection.close()


def _without(batches: Iterator[pa.RecordBatch], refused_hashes: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if refused_hashes:
            kept = pc.invert(pc.is_in(batch["source_file_hash"], pa.array(refused_hashes, pa.string())))
            batch = batch.filter(kept)
        yield batch


class _CsvStream(io.RawIOBase):
    """Batches as a readable stream of CSV."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._block = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._block:
            batch = next(self._batches, None)
            if batch is None:
                return b""
            sink = pa.BufferOutputStream()
            pa_csv.write_csv(batch, sink, pa_csv.WriteOptions(include_header=False, quoting_style="needed"))
            self._block = memoryview(sink.getvalue())
        taken, self._block = self._block[:size], self._block[size:]
        return bytes(taken)


def postgres_parameters(target: Target) -> dict[str, Any]:
    """What dbt's own adapter connects with."""
    settings = target.settings
    parameters = {
        "host": settings["host"],
        "port": settings["port"],
        "user": settings["user"],
        "password": settings["password"],
        "dbname": settings["database"],
        "connect_timeout": settings.get("connect_timeout") or 10,
        "application_name": "coco load",
        "client_encoding": "UTF8",
        "keepalives_idle": settings.get("keepalives_idle") or None,
        "options": f"-c search_path={path}" if (path := settings.get("search_path")) else None,
        **{name: settings.get(name) for name in ("sslmode", "sslcert", "sslkey", "sslrootcert")},
    }
    return {name: value for name, value in parameters.items() if value is not None}


def _postgres_reason(target: Target, message: str, again: str) -> str:
    settings = target.settings
    return (
        f"PostgreSQL of target {target.name} cannot be reached at {settings['host']}:{settings['port']}, database "
        f"{settings['database']}, user {settings['user']}: {' '.join(message.split())} "
        "Check that it runs, and the host, port, user and password in profiles.yml (or its variables), "
        f"and {again}."
    )

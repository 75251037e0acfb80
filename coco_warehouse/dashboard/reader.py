"""Reading the marts for the dashboard: named queries with parameters, on a snapshot or on PostgreSQL."""

import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import psycopg2

from coco_warehouse.load.warehouse import postgres_parameters, quoted
from coco_warehouse.marts import MartsError
from coco_warehouse.targets import Target

Record = dict[str, Any]
Parameters = Mapping[str, object]
Run = Callable[[str, Parameters], list[Record]]

# Parameters stand in the text of a query as $name.
PARAMETER = re.compile(r"\$([a-z_]+)")
# PostgreSQL holds no NUL, and neither engine takes half of a surrogate pair.
NO_TEXT = re.compile("[\0\ud800-\udfff]")
# Queries read the snapshot alone, whatever they may say.
SNAPSHOT_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "lock_configuration": "true",
}
# Connections that the pages of one dashboard hold at most; further requests wait for one.
CONNECTION_TRIES = 1_000
POSTGRES_CONNECTIONS = 8
# A page that takes longer has gone wrong, and must not hold up the warehouse.
STATEMENT_SECONDS = 30
# A page waits no longer for others to leave the old snapshot; then it reads the old one too.
SWITCH_SECONDS = 3


class RequestError(ValueError):
    """A request names a table, column or comparison that there is not, or a value that does not fit."""


class Reading:
    """The marts, open for one page: what is read within it on DuckDB is of one snapshot."""

    def __init__(self, run: Run, schema: str, published_at: datetime | None = None) -> None:
        """Hold what runs a query; `published_at` is null where nothing is published (PostgreSQL)."""
        self._run = run
        self._schema = schema
        self._names: frozenset[str] | None = None
        self.published_at = published_at

    def rows(self, query: str, **parameters: object) -> list[Record]:
        """Run a query, `{marts}` standing for the schema and `$name` for a parameter; fetch its rows.

        Raises:
            MartsError: a mart is missing, or the warehouse cannot be read.
            RequestError: a parameter holds a character that no text of a table can.
        """
        if any(isinstance(value, str) and NO_TEXT.search(value) for value in parameters.values()):
            raise RequestError("The address or a filter holds a character that no text of a table can.")
        text = query.replace("{marts}", quoted(self._schema))
        used = set(PARAMETER.findall(text))
        return self._run(text, {name: value for name, value in parameters.items() if name in used})

    def row(self, query: str, **parameters: object) -> Record | None:
        """Run a query and fetch its first row; None when there is none."""
        rows = self.rows(query, **parameters)
        return rows[0] if rows else None

    def has(self, *marts: str) -> bool:
        """Whether every one of these marts is there; a warehouse of an earlier version lacks some."""
        if self._names is None:
            listed = self._run(
                "select table_name from information_schema.tables where table_schema = $schema",
                {"schema": self._schema},
            )
            self._names = frozenset(str(record["table_name"]) for record in listed)
        return self._names.issuperset(marts)

    def has_column(self, mart: str, column: str) -> bool:
        """Whether a mart has a column; a warehouse of an earlier version lacks some."""
        return bool(
            self._run(
                "select 1 from information_schema.columns"
                " where table_schema = $schema and table_name = $mart and column_name = $column_name",
                {"schema": self._schema, "mart": mart, "column_name": column},
            )
        )


class Reader(ABC):
    """A warehouse that pages read from, in several threads at a time."""

    @abstractmethod
    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Open the marts for one page.

        Raises:
            MartsError: the warehouse cannot be reached.
        """

    @abstractmethod
    def warehouse_is_newer(self) -> bool:
        """Whether there is a warehouse built after what is read here."""


class SnapshotReader(Reader):
    """A published DuckDB file. When another one is put in its place, the next page reads that one.

    While a long reading has the old file open, pages after it read the old one, whole.
    """

    def __init__(self, path: Path, schema: str, warehouse: Path) -> None:
        """Take the path of the snapshot, which is opened at the first reading, and that of its warehouse."""
        self._path = path
        self._schema = schema
        self._warehouse = warehouse
        self._changed = threading.Condition()
        self._connection: Any = None
        self._file: tuple[int, int] | None = None
        self._readers = 0
        self._published_at: datetime | None = None
        self._warehouse_written_at: datetime | None = None

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Open the marts for one page; see Reader."""
        with self._changed:
            # DuckDB gives a path that it has open already to whoever asks again, whatever file is there by now:
            # the old file has to be closed before the new one is opened.
            self._changed.wait_for(lambda: self._is_current() or self._readers == 0, SWITCH_SECONDS)
            if self._readers == 0 and not self._is_current():
                self._open()
            cursor = _when_free(self._connection.cursor)
            self._readers += 1
        try:
            yield Reading(lambda text, values: _run_duckdb(cursor, text, values), self._schema, self._published_at)
        finally:
            with self._changed:
                # Under the lock: DuckDB refuses another reader's cursor while one of the same connection closes.
                cursor.close()
                self._readers -= 1
                self._changed.notify_all()

    def warehouse_is_newer(self) -> bool:
        """Whether the warehouse was written after it was published; false where it is not on this machine."""
        try:
            written = datetime.fromtimestamp(self._warehouse.stat().st_mtime, UTC).replace(tzinfo=None)
        except OSError:
            return False
        return self._warehouse_written_at is not None and written > self._warehouse_written_at

    def _is_current(self) -> bool:
        return self._connection is not None and self._file == self._file_there()

    def _file_there(self) -> tuple[int, int] | None:
        """Tell one file at the path from another; None where there is none, and the open one goes on being read."""
        try:
            status = self._path.stat()
        except OSError:
            return self._file
        return status.st_ino, status.st_mtime_ns

    def _open(self) -> None:
        if self._connection is not None:
            _when_free(self._connection.close)
            self._connection = None
        if not self._path.is_file():
            raise MartsError(f"There is no snapshot at {self._path}. Make one with: coco publish")
        self._file = self._file_there()
        try:
            connection = duckdb.connect(str(self._path), read_only=True, config=SNAPSHOT_SETTINGS)
            [[self._published_at, self._warehouse_written_at]] = connection.execute(
                "select published_at, warehouse_written_at from coco_publication.publication"
            ).fetchall()
        except duckdb.Error as error:
            raise MartsError(
                f"{self._path} is not a snapshot that can be read: {str(error).splitlines()[0]}\n"
                "Make a new one with: coco publish"
            ) from error
        self._connection = connection


def _when_free(work: Callable[[], Any]) -> Any:
    """Do what DuckDB refuses while the connection is still busy with another's call, which takes it a moment."""
    for _ in range(CONNECTION_TRIES):
        try:
            return work()
        except duckdb.ResourceInUseException:
            time.sleep(0.001)
    return work()


def _run_duckdb(cursor: Any, text: str, values: Parameters) -> list[Record]:
    try:
        cursor.execute(text, dict(values))
        return _records([column[0] for column in cursor.description], cursor.fetchall())
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise MartsError(
            f"The snapshot lacks a mart or a column: {str(error).splitlines()[0]}\nRun: dbt build && coco publish"
        ) from error
    except duckdb.Error as error:
        raise MartsError(f"The snapshot cannot be read: {str(error).splitlines()[0]}") from error


class PostgresReader(Reader):
    """A PostgreSQL database, on connections that can only read."""

    def __init__(self, target: Target) -> None:
        """Take the target whose login is used."""
        self._target = target
        self._schema = f"{target.schema}_marts"
        self._free: list[Any] = []
        self._places = threading.BoundedSemaphore(POSTGRES_CONNECTIONS)
        self._lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Open the marts for one page; see Reader."""
        with self._places:
            session = _PostgresSession(self._target, self._take())
            try:
                yield Reading(session.run, self._schema)
            finally:
                if session.connection is not None and not session.connection.closed:
                    with self._lock:
                        self._free.append(session.connection)

    def warehouse_is_newer(self) -> bool:
        """Never: the warehouse itself is read."""
        return False

    def _take(self) -> Any:
        with self._lock:
            return self._free.pop() if self._free else None


class _PostgresSession:
    """A connection that is opened when it is needed, and anew when it was lost."""

    def __init__(self, target: Target, connection: Any) -> None:
        self._target = target
        self.connection = connection

    def run(self, text: str, values: Parameters) -> list[Record]:
        """Run a query; once more where the connection was lost, or a build put another table in the place of one."""
        statement = PARAMETER.sub(r"%(\1)s", text.replace("%", "%%"))
        for attempt in (1, 2, 3):
            try:
                if self.connection is None:
                    self.connection = self._connect()
                with self.connection.cursor() as cursor:
                    cursor.execute(statement, dict(values))
                    return _records([column[0] for column in cursor.description], cursor.fetchall())
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
                self._give_up_connection()
                if attempt == 3 or isinstance(error, psycopg2.errors.QueryCanceled):
                    raise MartsError(f"Target {self._target.name} cannot be read: {str(error).strip()}") from error
            except (psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedColumn, psycopg2.InternalError) as error:
                if attempt == 3:
                    raise MartsError(
                        f"A mart or a column of target {self._target.name} is not there: {str(error).splitlines()[0]}\n"
                        f"Build it with: dbt build --target {self._target.name}"
                    ) from error
            except psycopg2.errors.InsufficientPrivilege as error:
                raise MartsError(
                    f"The login {self._target.settings['user']} may not read the marts: {str(error).splitlines()[0]}\n"
                    "Give it the role coco_bi: docs/dashboard.md"
                ) from error
            except psycopg2.Error as error:
                raise MartsError(f"Target {self._target.name} cannot be read: {str(error).strip()}") from error
        raise AssertionError("the last attempt returns or raises")

    def _connect(self) -> Any:
        parameters = postgres_parameters(self._target)
        settings = [
            parameters.get("options", ""),
            "-c default_transaction_read_only=on",
            f"-c statement_timeout={STATEMENT_SECONDS}s",
            "-c TimeZone=UTC",
        ]
        parameters |= {"application_name": "coco dashboard", "options": " ".join(filter(None, settings))}
        connection = psycopg2.connect(**parameters)
        connection.autocommit = True
        return connection

    def _give_up_connection(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def _records(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Record]:
    return [dict(zip(names, row, strict=True)) for row in rows]

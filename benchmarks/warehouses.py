"""Warehouses of the benchmarks: a profile of their own, simulated documents loaded into it, and dbt run on it."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import reset_adapters
from dbt.cli.main import dbtRunner
from load import postgres_output

from coco_warehouse.load.warehouse import postgres_parameters
from coco_warehouse.targets import Target, resolve_target

PROJECT = Path(__file__).resolve().parents[1]
THREADS = 2


def seconds(work: Callable[[], object]) -> float:
    """Time a piece of work."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@dataclass(frozen=True)
class Warehouse:
    """A database of one engine; `folder` holds its profile and what dbt writes."""

    engine: str
    folder: Path

    @property
    def target(self) -> Target:
        return resolve_target("benchmark", self.folder, PROJECT)

    def connect(self) -> Any:
        """Open a connection that runs as the models do: two threads, UTC."""
        if self.engine == "duckdb":
            connection = duckdb.connect(str(self.folder / "warehouse.duckdb"))
            connection.execute(f"set threads = {THREADS}")
            connection.execute("set timezone = 'UTC'")
            return connection
        connection = psycopg2.connect(**postgres_parameters(self.target))
        connection.autocommit = True
        return connection

    def dbt(self, *arguments: str) -> Any:
        """Run dbt in this process. Returns its results; exits with what it printed when it fails."""
        command = [*arguments, "--project-dir", str(PROJECT), "--profiles-dir", str(self.folder)]
        command += ["--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs")]
        output = io.StringIO()
        try:
            with contextlib.redirect_stdout(output):
                result = dbtRunner().invoke(["--no-use-colors", *command])
        finally:
            # dbt keeps its connections while the process lives, and an open DuckDB file shuts all others out.
            reset_adapters()
            DuckDBConnectionManager.close_all_connections()
        if not result.success:
            raise SystemExit(f"{output.getvalue()}\n{result.exception or ''}")
        return result.result

    def compiled(self, templates: Sequence[str]) -> list[str]:
        """Compile Jinja templates with the project's macros to SQL of this engine."""
        mark = " /* the next */ "
        code = self.dbt("compile", "--quiet", "--inline", mark.join(templates)).results[0].node.compiled_code
        return str(code).split(mark.strip())


@contextlib.contextmanager
def warehouses(
    folder: Path, engines: Sequence[str], threads: int, settings: dict[str, str]
) -> Iterator[list[Warehouse]]:
    """Make an empty warehouse of each engine. `settings` are DuckDB's."""
    with contextlib.ExitStack() as servers:
        made = []
        for engine in engines:
            place = folder / engine
            place.mkdir()
            if engine == "duckdb":
                path = str(place / "warehouse.duckdb")
                output: dict[str, object] = {"type": "duckdb", "path": path, "schema": "coco"}
                output["settings"] = {"TimeZone": "UTC", **settings}
            else:
                output = {**servers.enter_context(postgres_output(place)), "dbname": "postgres"}
            profile = {
                "coco_warehouse": {"target": "benchmark", "outputs": {"benchmark": {**output, "threads": threads}}}
            }
            (place / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
            made.append(Warehouse(engine, place))
        yield made

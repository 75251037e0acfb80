"""The command `coco publish`: a copy of the marts, put in place at once, for those who only read.

One process at a time can open a DuckDB file that is written to, so a reader of the warehouse itself would keep
`dbt build` out. The copy is another file: whoever has the old one open goes on reading it, whoever opens the
path from then on reads the new one.
"""

import os
import shutil
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click
import duckdb

from coco_warehouse.load.warehouse import duckdb_reason, path_literal, quoted
from coco_warehouse.marts import MartsError
from coco_warehouse.targets import Target, TargetError, no_warehouse, resolve_target

# What DuckDB has read since 0.10: later storage would shut older clients out.
STORAGE_VERSION = "v1.0.0"
WORK_PREFIX = ".publishing-"
# A folder of a publication that was cut off; none takes as long.
LEFTOVER_SECONDS = 3_600


def warehouse_path(target: Target) -> Path:
    """Return the file of a DuckDB target."""
    return target.project_dir / str(target.settings["path"])


def snapshot_path(target: Target, given: Path | None = None) -> Path:
    """Return where the snapshot stands: `given`, or beside the warehouse, `coco.duckdb` as `coco_published.duckdb`."""
    if given is not None:
        return given.absolute()
    path = warehouse_path(target)
    return path.with_name(f"{path.stem}_published{path.suffix}")


def publish(target: Target, given: Path | None = None) -> tuple[Path, int]:
    """Copy every mart of a DuckDB target into a new file, and put it in the place of the last one.

    Restricted marts stand in a schema of their own and stay where they are.

    Returns:
        The path of the snapshot and the number of its tables.

    Raises:
        MartsError: the target is not DuckDB, its marts are not built, another process is writing to it, the path is
            that of a file that is no snapshot, or the file cannot be put in place. What stands there stays as it was.
    """
    if target.type != "duckdb":
        raise MartsError(
            f"Target {target.name} is of type {target.type}, whose readers and writers do not wait for each other: "
            "there is nothing to publish. Start the dashboard on it as it is."
        )
    source = warehouse_path(target)
    if not source.is_file():
        raise MartsError(no_warehouse(source))
    path = snapshot_path(target, given)
    if path.resolve() == source.resolve():
        raise MartsError(f"{path} is the warehouse itself. Name another file for the snapshot.")
    if path.exists() and not _is_snapshot(path):
        raise MartsError(
            f"{path} is there already and is no snapshot of coco publish, so that it is not replaced. "
            "Name another file for the snapshot, or move this one away."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path.parent)
        work = Path(tempfile.mkdtemp(prefix=WORK_PREFIX, dir=path.parent))
        try:
            count = _copy_marts(source, work / path.name, f"{target.schema}_marts", target)
            os.replace(work / path.name, path)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise MartsError(f"The snapshot {path} cannot be written: {error}. The last one stays as it was.") from error
    return path, count


def _is_snapshot(path: Path) -> bool:
    """Whether a file was published before."""
    try:
        with closing(duckdb.connect()) as connection:
            connection.execute(f"attach {path_literal(path)} as snapshot (read_only)")
            return bool(
                connection.execute(
                    "select 1 from duckdb_tables() where database_name = 'snapshot'"
                    " and schema_name = 'coco_publication'"
                ).fetchall()
            )
    except duckdb.Error:
        return False


def _copy_marts(source: Path, path: Path, schema: str, target: Target) -> int:
    """Copy the tables of one schema into a new file; return how many there were."""
    try:
        with closing(duckdb.connect()) as connection:
            connection.execute("set preserve_insertion_order = true")
            _attach(connection, source)
            names = connection.execute(
                "select table_name from duckdb_tables() where database_name = 'warehouse' and schema_name = ?"
                " order by table_name",
                [schema],
            ).fetchall()
            if not names:
                raise MartsError(
                    f"The marts of target {target.name} are not built.\n"
                    f"Build them with: dbt build --target {target.name}"
                )
            connection.execute(f"attach {path_literal(path)} as snapshot (storage_version '{STORAGE_VERSION}')")
            connection.execute(f"create schema snapshot.{quoted(schema)}")
            for (name,) in names:
                table = f"{quoted(schema)}.{quoted(name)}"
                connection.execute(f"create table snapshot.{table} as select * from warehouse.{table}")
            connection.execute("create schema snapshot.coco_publication")
            connection.execute(
                "create table snapshot.coco_publication.publication as"
                " select cast(? as timestamp) as published_at, cast(? as timestamp) as warehouse_written_at",
                [
                    datetime.now(UTC).replace(tzinfo=None),
                    datetime.fromtimestamp(source.stat().st_mtime, UTC).replace(tzinfo=None),
                ],
            )
            connection.execute("checkpoint snapshot")
            connection.execute("detach snapshot")
    except duckdb.Error as error:
        raise MartsError(f"{source} cannot be published: {str(error).splitlines()[0]}") from error
    return len(names)


def _attach(connection: duckdb.DuckDBPyConnection, source: Path) -> None:
    try:
        connection.execute(f"attach {path_literal(source)} as warehouse (read_only)")
    except duckdb.Error as error:
        again = "publish again; the last snapshot stays as it was"
        raise MartsError(duckdb_reason(source, error, again)) from error


def _remove_leftovers(folder: Path) -> None:
    for leftover in folder.glob(f"{WORK_PREFIX}*"):
        if time.time() - leftover.stat().st_mtime > LEFTOVER_SECONDS:
            shutil.rmtree(leftover, ignore_errors=True)


@click.command("publish")
@click.option("--target", help="Output of the dbt profile whose marts are published; by default the profile's own.")
@click.option(
    "--snapshot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to publish to; by default beside the warehouse, its name ending in _published.",
)
@click.option("--profiles-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of profiles.yml.")
@click.option("--project-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of dbt_project.yml.")
def publish_command(
    target: str | None, snapshot: Path | None, profiles_dir: Path | None, project_dir: Path | None
) -> None:
    """Publish the marts as one DuckDB file for the dashboard, notebooks and BI tools.

    Run it after each dbt build. Readers of the last snapshot are not disturbed; a running dashboard turns to the
    new one by itself.
    """
    try:
        path, count = publish(resolve_target(target, profiles_dir, project_dir), snapshot)
    except (MartsError, TargetError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Published {count} marts to {path}")

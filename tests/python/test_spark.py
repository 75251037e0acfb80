"""Every mart is the same on a Spark cluster of two workers as on DuckDB: columns, types, and rows to the last value.

The raw tables go from the built DuckDB warehouse to Spark as Parquet; what Spark built is read from its own files.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from agreement import EMPTY_ON_THE_SAMPLE, assert_same_mart, columns_of, marts_of, rows_of
from spark_cluster import SparkCluster, running_cluster
from warehouses import AS_OF, PROJECT, Warehouse, environment, made_once, run_command

from coco_warehouse.parquet import write_parquet
from coco_warehouse.targets import resolve_target

# What is switched off on Spark, each with its reason: docs/scale.md.
OFF_ON_SPARK = {"integration_setting_changes": "it reads a snapshot, and Spark without a table format has none"}

BUILD_SECONDS = 1_500


@dataclass(frozen=True)
class SparkBuild:
    """What a build on the cluster left: its tables as a DuckDB warehouse of views, and who did the work."""

    tables: Warehouse
    tasks_by_worker: Counter[str]
    output: str


@pytest.fixture(scope="session")
def spark_build(run_folder: Path, duckdb_warehouse: Warehouse) -> SparkBuild:
    """The sample of the other engines, built on a cluster. Not to be changed."""

    def make(folder: Path) -> None:
        with environment(duckdb_warehouse.environment):
            write_parquet(resolve_target("dev", duckdb_warehouse.folder, PROJECT), folder / "raw")
        with running_cluster(folder / "cluster") as cluster:
            output = build_on(cluster, folder, duckdb_warehouse.folder, views_of(duckdb_warehouse))
            told = {"output": output, "tasks": cluster.tasks_by_worker()}
        (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")
        show_tables(folder)

    folder = made_once(run_folder / "spark", make)
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    tables = Warehouse("duckdb", folder, {"COCO_DUCKDB_PATH": str(folder / "tables.duckdb")})
    return SparkBuild(tables, Counter(told["tasks"]), told["output"])


def views_of(warehouse: Warehouse) -> list[str]:
    """The marts that are views, which leave no files."""
    marts = marts_of(warehouse).items()
    return [f"{node['schema']}.{name}" for name, node in marts if node["config"]["materialized"] == "view"]


def build_on(cluster: SparkCluster, folder: Path, profiles: Path, views: list[str]) -> str:
    """Register the raw tables, build everything and test the macros, in one session; return what dbt printed."""
    common = ["--target", "spark", "--project-dir", str(PROJECT), "--profiles-dir", str(profiles)]
    common += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs"), "--no-use-colors"]
    common += ["--vars", json.dumps({"as_of": AS_OF})]
    commands = [
        ["run-operation", "register_raw", "--args", json.dumps({"folder": str(folder / "raw")}), *common],
        # equal rows keep the same laws and keys; what the macros do with hostile text is tried on each engine
        ["build", "--exclude", "test_type:generic", "test_type:unit", "path:tests/laws", "path:tests/seeds", *common],
        *(["write", view, str(table_folder(folder / "views", view))] for view in views),
    ]
    run = cluster.run(
        PROJECT / "tests" / "python" / "spark_commands.py",
        *(json.dumps(command) for command in commands),
        seconds=BUILD_SECONDS,
        COCO_SPARK_WAREHOUSE=str(folder / "warehouse"),
    )
    lines = [line for line in run.stdout.splitlines() if " START " not in line and " OK " not in line]
    assert run.returncode == 0, "\n".join([*lines, run.stderr])
    return run.stdout


def table_folder(warehouse: Path, name: str) -> Path:
    """Where Spark keeps the files of a table in a warehouse folder."""
    schema, table = name.split(".")
    return warehouse / f"{schema}.db" / table


def show_tables(folder: Path) -> None:
    """Make a DuckDB file with a view over the files of each of Spark's tables.

    One difference in types carries no value and is taken out here, and nowhere else: Spark's times are moments, as the
    other engines' are UTC times without a zone.
    """
    with closing(duckdb.connect(str(folder / "tables.duckdb"))) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for place in sorted([*folder.glob("warehouse/*.db/*"), *folder.glob("views/*.db/*")]):
            files = f"read_parquet('{place}/*.parquet')"
            columns = [
                f'"{name}" at time zone \'UTC\' as "{name}"' if type_ == "TIMESTAMP WITH TIME ZONE" else f'"{name}"'
                for name, type_, *_ in connection.execute(f"describe select * from {files}").fetchall()
            ]
            schema = place.parent.stem
            connection.execute(f'create schema if not exists "{schema}"')
            connection.execute(f'create view "{schema}"."{place.name}" as select {", ".join(columns)} from {files}')


def test_both_workers_did_a_part(spark_build):
    assert len(spark_build.tasks_by_worker) == 2
    assert min(spark_build.tasks_by_worker.values()) > 100


def test_spark_has_the_same_marts(spark_build, duckdb_warehouse):
    assert set(marts_of(spark_build.tables)) == set(marts_of(duckdb_warehouse)) - OFF_ON_SPARK.keys()


def test_every_mart_is_equal_row_for_row(spark_build, duckdb_warehouse, subtests):
    for name, node in sorted(marts_of(spark_build.tables).items()):
        with subtests.test(mart=name):
            on_duckdb = assert_same_mart(duckdb_warehouse, spark_build.tables, node, "Spark")
            assert bool(on_duckdb) == (name not in EMPTY_ON_THE_SAMPLE)


def test_the_seeds_are_what_their_files_say(spark_build, duckdb_warehouse, subtests):
    manifest = duckdb_warehouse.manifest()["nodes"].values()
    for node in [node for node in manifest if node["resource_type"] == "seed"]:
        with subtests.test(seed=node["name"]):
            columns = columns_of(duckdb_warehouse, node)
            assert columns == columns_of(spark_build.tables, node)
            names = [column for column, _ in columns]
            rows = rows_of(duckdb_warehouse, node, names)
            assert rows
            assert Counter(rows) == Counter(rows_of(spark_build.tables, node, names))


@pytest.fixture(scope="module")
def empty_warehouse(run_folder: Path, warehouse_at: Callable[[str, Path], Warehouse]) -> Warehouse:
    """A DuckDB file for commands that open one to write, which would shut all others out of the shared one."""
    return warehouse_at("duckdb", Path(tempfile.mkdtemp(prefix="empty_", dir=run_folder)))


@pytest.mark.parametrize(
    ("value", "cell_type", "cell"),
    [
        ("none", "string", "cast(null as string)"),
        ("none", "date", "cast(null as date)"),
        ('"it\'s"', "string", r"cast('it\'s' as string)"),
        ('"-1700"', "bigint", "cast('-1700' as bigint)"),
        ('"2028-02-29"', "date", "cast('2028-02-29' as date)"),
        ('"true"', "boolean", "cast('true' as boolean)"),
    ],
)
def test_cells_of_seeds_keep_what_they_hold(value, cell_type, cell, empty_warehouse):
    inline = f"{{{{ seed_cell({value}, '{cell_type}', 'store_map.valid_from') }}}}"
    run = empty_warehouse.dbt("compile", "--inline", inline)
    run.assert_succeeded()
    assert run.output.rstrip().endswith(cell)


@pytest.mark.parametrize(
    ("value", "cell_type"),
    [("21.97", "bigint"), ("1e3", "bigint"), ("2026-02-29", "date"), ("2026", "date"), ("yes", "boolean")],
)
def test_a_cell_that_its_column_cannot_hold_stops_the_seed(value, cell_type, empty_warehouse):
    run = empty_warehouse.dbt(
        "compile", "--inline", f"{{{{ seed_cell('{value}', '{cell_type}', 'store_map.valid_from') }}}}"
    )
    assert not run.succeeded
    assert f"The seed column store_map.valid_from is of type {cell_type} and holds '{value}'." in run.output


def test_other_targets_have_their_raw_tables(empty_warehouse):
    run = empty_warehouse.dbt("run-operation", "register_raw", "--args", "{folder: /data/raw}")
    assert not run.succeeded
    assert "which holds the raw tables itself: coco load." in run.output


def test_this_environment_says_where_spark_is(duckdb_warehouse, tmp_path):
    options = ("--target", "spark", "--profiles-dir", str(duckdb_warehouse.folder), "--project-dir", str(PROJECT))
    for command in (("dbt", "build"), ("coco", "summary")):
        run = run_command(*command, *options, folder=tmp_path)
        assert run.returncode != 0
        assert "make spark, then .venv-spark/bin/dbt" in run.stderr

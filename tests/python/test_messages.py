"""What a run says when something it needs is not there: what is missing, and what to run."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from warehouses import AS_OF, PROJECT, Warehouse, create_raw_table, run_command

from coco_warehouse.cli import COMMANDS, main
from coco_warehouse.dbt_command import missing_profile

ENGINES = ["duckdb", "postgres"]


def said_to_be_mistyped(output: str) -> set[tuple[str, str]]:
    """The columns that a run's message lists as of another type, each with the type that it must have."""
    return set(re.findall(r"^ *- column (\S+) is .+, not (\w+)$", output, flags=re.MULTILINE))


def said_to_be_missing(output: str) -> set[str]:
    """The tables and columns that a run's message lists."""
    return set(re.findall(r"^ *- ((?:table|column) \S+)$", output, flags=re.MULTILINE))


@pytest.mark.parametrize("engine", ENGINES)
def test_missing_raw_data_is_named(new_warehouse, engine):
    warehouse = new_warehouse(engine)
    tables = {f"{table.schema}.{table.identifier}": table for table in warehouse.raw_tables()}
    required = {name: [column for column in table.columns if column.is_required] for name, table in tables.items()}

    # No raw table at all: each is named, and nothing is built.
    run = warehouse.dbt("build")
    assert not run.succeeded
    assert said_to_be_missing(run.output) == {f"table {name}" for name in tables}
    assert "coco load" in run.output
    assert "make demo" in run.output
    built = "select table_name from information_schema.tables where table_schema like 'coco_%'"
    assert warehouse.rows(built) == []

    # Only what the selected models read is asked for.
    for name in ("config_rds_public.integration", "config_rds_public.merchant"):
        warehouse.execute(*create_raw_table(tables[name], required[name]))
    warehouse.dbt("build", "--select", "source:config_rds_public+1,path:models/staging").assert_succeeded()

    # One table missing, and documented columns of two others.
    for name in sorted(tables.keys() - {"config_rds_public.integration", "config_rds_public.merchant"}):
        if name != "deliveries_rds_public.olo_references":
            warehouse.execute(*create_raw_table(tables[name], required[name]))
    for name in ("config_rds_public.integration.unlock_pin", "order_api.order_documents.received_at"):
        schema, table, column = name.split(".")
        warehouse.execute(f"alter table {schema}.{table} rename column {column} to renamed")
    run = warehouse.dbt("build")
    assert not run.succeeded
    assert said_to_be_missing(run.output) == {
        "table deliveries_rds_public.olo_references",
        "column config_rds_public.integration.unlock_pin",
        "column order_api.order_documents.received_at",
    }
    assert "_sources.yml" in run.output

    # With all that is documented there, though empty and without any optional column, everything builds.
    name = "deliveries_rds_public.olo_references"
    warehouse.execute(
        *create_raw_table(tables[name], required[name]),
        "alter table config_rds_public.integration rename column renamed to unlock_pin",
        "alter table order_api.order_documents rename column renamed to received_at",
    )
    assert sum(len(table.columns) for table in tables.values()) > sum(len(columns) for columns in required.values())
    warehouse.dbt("build", "--exclude", "test_type:generic").assert_succeeded()

    # A table that rows are added to, as an older version of the project left it.
    warehouse.execute("alter table coco_intermediate.int_statement_rows drop column reading_id")
    run = warehouse.dbt("run")
    assert not run.succeeded
    assert said_to_be_missing(run.output) == {"column coco_intermediate.int_statement_rows.reading_id"}
    assert f"dbt build --target {warehouse.target} --full-refresh" in run.output
    warehouse.dbt("run", "--full-refresh", "--select", "int_statement_rows").assert_succeeded()

    # A day before the last order document that is held: nothing is built of it, and the remedy keeps the day.
    warehouse.execute(
        "insert into coco_restricted.int_order_documents (loaded_at) values (timestamp '2026-11-02 06:00:00')"
    )
    run = warehouse.dbt("build")
    assert not run.succeeded
    assert "START seed" not in run.output
    assert "already holds what was loaded until 2026-11-02 06:00:00" in run.output
    remedy = f"""dbt build --target {warehouse.target} --full-refresh --vars '{{as_of: "{AS_OF}"}}'"""
    assert remedy in run.output


@pytest.mark.parametrize("engine", ENGINES)
def test_a_raw_column_of_another_type_is_named(new_warehouse, engine):
    warehouse = new_warehouse(engine)
    tables = {f"{table.schema}.{table.identifier}": table for table in warehouse.raw_tables()}
    selection = ("--select", "source:config_rds_public+1,path:models/staging")
    json_type = "json" if engine == "duckdb" else "jsonb"

    def create_tables(types: dict[str, str]) -> None:
        for name in ("config_rds_public.integration", "config_rds_public.merchant"):
            warehouse.execute(f"drop table if exists {name}")
            columns = [
                replace(column, data_type=types.get(column.name, column.data_type)) for column in tables[name].columns
            ]
            warehouse.execute(*create_raw_table(tables[name], columns))

    # A cast would stop at the first value that is none of the type, and show it.
    create_tables(
        {
            "is_active": "text",
            "pickup_override_minutes": "double precision",
            "created_at": "boolean",
            "external_ids": "bigint",
        }
    )
    run = warehouse.dbt("build", *selection)
    assert not run.succeeded
    assert said_to_be_mistyped(run.output) == {
        ("config_rds_public.integration.is_active", "boolean"),
        ("config_rds_public.integration.pickup_override_minutes", "bigint"),
        ("config_rds_public.integration.created_at", "timestamp"),
        ("config_rds_public.integration.external_ids", "json"),
    }
    assert "_sources.yml" in run.output

    # What every value of a type can be read from is none of it.
    create_tables(
        {
            "pickup_override_minutes": "smallint",
            "created_at": "text",
            "updated_at": "timestamptz",
            "external_ids": json_type,
        }
    )
    warehouse.dbt("build", *selection).assert_succeeded()


@pytest.mark.parametrize(
    ("command", "remedy"),
    [
        (("dbt", "show", "--inline", "select 1"), "and run dbt again."),
        (("coco", "load", "README.md"), "and load again; nothing was landed."),
        (("coco", "summary"), "and try again."),
        (("coco", "close", "2026-09", "--preparer", "A", "--reviewer", "B"), "and try again; nothing was closed."),
        (("coco", "publish"), "and publish again; the last snapshot stays as it was."),
        (("coco", "parquet", "--out", "parquet"), "and try again; nothing was written."),
    ],
)
def test_a_warehouse_that_cannot_be_opened(
    tmp_path: Path, new_warehouse: Callable[[str], Warehouse], command: tuple[str, ...], remedy: str
) -> None:
    folder = new_warehouse("duckdb").folder
    path = tmp_path / "block.duckdb"

    def said() -> str:
        variables = {"DBT_PROFILES_DIR": str(folder), "DBT_PROJECT_DIR": str(PROJECT), "COCO_DUCKDB_PATH": str(path)}
        folders = {"DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs")}
        run = run_command(*command, "--target", "dev", folder=tmp_path, **variables, **folders)
        assert run.returncode in (1, 2)
        assert "Traceback" not in run.stdout + run.stderr
        assert f"{path} " in run.stderr
        return run.stderr

    (tmp_path / "README.md").write_text("what")
    with duckdb.connect(str(path)):
        held = said()
    assert f"(PID {os.getpid()})" in held
    assert f"Close it (a dbt build, a dashboard, a DuckDB shell) {remedy}" in held
    if command[0] == "dbt":
        path.write_text("no database")
        broken = said()
        assert "not a valid DuckDB database" in broken
        assert "COCO_DUCKDB_PATH" in broken


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["close"], "Missing argument 'PERIOD'"),
        (["close", "october"], "'october' is not a month as YYYY-MM, for example 2026-10."),
        (["journal", "--period", "2026-13"], "'2026-13' is not a month as YYYY-MM, for example 2026-10."),
        (["workbook", "--period", "october"], "'october' is not a month as YYYY-MM, for example 2026-10."),
        (["load", "--loaded-at", "monday", "."], "'monday' is not a moment as 'YYYY-MM-DD HH:MM:SS'"),
        (["simulate", "--end-date", "monday"], "'monday' is not a day as YYYY-MM-DD"),
        *(([command, "--help"], "Usage: ") for command in COMMANDS),
    ],
)
def test_times_are_asked_for_as_people_write_them(arguments: list[str], told: str) -> None:
    output = CliRunner().invoke(main, arguments).output
    assert told in " ".join(output.split())
    assert "%" not in output


@pytest.fixture
def project_without_profile(tmp_path: Path) -> tuple[Path, Path]:
    """A folder with the project's file and no profile, and a home folder without one."""
    project, home = tmp_path / "project", tmp_path / "home"
    project.mkdir()
    home.mkdir()
    (project / "dbt_project.yml").write_bytes((PROJECT / "dbt_project.yml").read_bytes())
    return project, home


def test_no_profile(project_without_profile):
    project, home = project_without_profile
    run = run_command("dbt", "build", folder=project, HOME=str(home))
    assert run.returncode == 2
    assert "needs the profile 'coco_warehouse', and there is no profiles.yml" in run.stderr
    assert f"{project}/profiles.yml" in run.stderr
    assert f"{home}/.dbt/profiles.yml" in run.stderr
    assert "make profile" in run.stderr
    assert list(project.iterdir()) == [project / "dbt_project.yml"]


def test_a_profile_of_another_project(project_without_profile):
    project, home = project_without_profile
    (home / ".dbt").mkdir()
    (home / ".dbt" / "profiles.yml").write_text("other: {target: dev, outputs: {}}\n")
    run = run_command("dbt", "build", folder=project, HOME=str(home))
    assert run.returncode == 2
    assert f"{home}/.dbt/profiles.yml has only: other" in run.stderr
    assert "make profile" in run.stderr


def test_dbt_goes_ahead_with_a_profile(project_without_profile):
    project, home = project_without_profile
    (project / "profiles.yml").write_bytes((PROJECT / "profiles.example.yml").read_bytes())
    run = run_command("dbt", "parse", "--warn-error-options", "{}", folder=project, HOME=str(home))
    assert "make profile" not in run.stderr
    assert "Running with dbt=" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "problem"),
    [
        (["build"], {}, "/.dbt/profiles.yml"),
        (["--quiet", "docs", "generate"], {}, "make profile"),
        (["build", "--profiles-dir", "elsewhere"], {}, "/project/elsewhere/profiles.yml"),
        (["build", "--profiles-dir=elsewhere"], {}, "/project/elsewhere/profiles.yml"),
        (["build"], {"DBT_PROFILES_DIR": "elsewhere"}, "/project/elsewhere/profiles.yml"),
        (["build"], {"DBT_ENGINE_PROFILES_DIR": "elsewhere"}, "/project/elsewhere/profiles.yml"),
        (["build", "--profile", "named"], {}, "needs the profile 'named'"),
        (["build", "--profiles-dir", "with_profile"], {}, None),
        (["build"], {"DBT_PROFILES_DIR": "with_profile"}, None),
        (["build", "--profiles-dir", "with_profile", "--profile", "named"], {}, "has only: coco_warehouse"),
        (["build", "--profiles-dir", "unreadable"], {}, None),
        (["deps"], {}, None),
        (["debug"], {}, None),
        (["--version"], {}, None),
        (["build", "--help"], {}, None),
        ([], {}, None),
        (["build", "--project-dir", ".."], {}, None),
    ],
)
def test_where_a_profile_is_looked_for(project_without_profile, arguments, environment, problem):
    project, home = project_without_profile
    (project / "with_profile").mkdir()
    (project / "with_profile" / "profiles.yml").write_text("coco_warehouse: {}\n")
    (project / "unreadable").mkdir()
    (project / "unreadable" / "profiles.yml").write_text("coco_warehouse: {\n")
    told = missing_profile(arguments, environment, project, home)
    assert told == problem if problem is None else problem in (told or "")


def test_a_folder_of_the_project_is_not_where_dbt_looks(project_without_profile):
    project, home = project_without_profile
    (project / "profiles.yml").write_text("coco_warehouse: {}\n")
    (project / "models").mkdir()
    told = missing_profile(["build"], {}, project / "models", home)
    assert told is not None and f"Run dbt in {project}, which has one" in told


def test_other_projects_are_left_to_dbt(project_without_profile):
    project, home = project_without_profile
    (project / "dbt_project.yml").write_text("name: other\nprofile: other\n")
    assert missing_profile(["build"], {}, project, home) is None


def test_a_target_names_the_variable_it_lacks(project_without_profile):
    project, home = project_without_profile
    (project / "profiles.yml").write_bytes((PROJECT / "profiles.example.yml").read_bytes())
    if any(name.startswith("COCO_POSTGRES_") for name in os.environ):
        pytest.skip("the variables of the target prod are set here")
    run = run_command("dbt", "parse", "--target", "prod", folder=project, HOME=str(home))
    assert run.returncode == 2
    assert "COCO_POSTGRES_" in run.stdout

"""The environment's `dbt` command: dbt itself, after a look at whether it will find this project's profile.

Without a profile dbt says only that a folder or a name does not exist. Here the reader learns what is
missing, where it was looked for and what to run. And on PostgreSQL one build at a time works: two that append to the
same tables would append twice, and a load that lands in the middle of a build would be seen by half of its models.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import yaml

PROJECT_NAME = "coco_warehouse"

WAITING = "Another load or build is working on this database: waiting for it to end."

COMMANDS_WITH_PROFILE = {
    *("build", "clean", "clone", "compile", "docs", "list", "ls", "parse", "retry", "run", "run-operation"),
    *("seed", "show", "snapshot", "source", "test"),
}
# These read no profile (deps) or speak of a missing one themselves.
COMMANDS_WITHOUT_PROFILE = {"debug", "deps", "init"}
# These open the warehouse, as `docs serve` does not.
COMMANDS_THAT_OPEN = {"compile", "docs", "run-operation", "show", "source", "test"}
# These open it and write tables.
COMMANDS_THAT_BUILD = {"build", "clone", "retry", "run", "seed", "snapshot"}


def main() -> None:
    """Run dbt with this process's arguments; exit with code 2 when the project's profile is not there."""
    problem = missing_profile(sys.argv[1:], os.environ, Path.cwd(), Path.home())
    if problem is not None:
        print(problem, file=sys.stderr)
        sys.exit(2)
    # Imported late: dbt takes a second to import, and the message above needs none of it.
    from dbt.cli.main import cli

    with _turn(sys.argv[1:]):
        cli()


@contextmanager
def _turn(arguments: Sequence[str]) -> Iterator[None]:
    """Wait until no load and no other build works on the PostgreSQL database that this command builds in.

    DuckDB itself keeps a second process out: a file that another has open is told of before dbt begins.
    """
    from coco_warehouse.targets import SparkTargetError, TargetError, resolve_target

    if _command(arguments) not in COMMANDS_THAT_BUILD | COMMANDS_THAT_OPEN or "serve" in arguments:
        yield
        return
    folders = [_setting(name, arguments, os.environ) for name in ("PROFILES_DIR", "PROJECT_DIR")]
    profiles_dir, project_dir = (Path(folder) if folder else None for folder in folders)
    name = _option(("--target", "-t"), arguments) or os.environ.get("DBT_ENGINE_TARGET")
    try:
        target = resolve_target(name, profiles_dir, project_dir)
    except SparkTargetError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except TargetError:
        # dbt finds the same fault, and tells it in its own words; or the engine has no lock of this kind.
        yield
        return
    if target.type == "duckdb" and (problem := _unopened(target.project_dir / target.settings["path"])):
        print(problem, file=sys.stderr)
        sys.exit(2)
    if target.type != "postgres" or _command(arguments) not in COMMANDS_THAT_BUILD:
        yield
        return
    from coco_warehouse.load.errors import LoadError
    from coco_warehouse.load.warehouse import PostgresWarehouse

    try:
        warehouse = PostgresWarehouse(target, lambda: print(WAITING, file=sys.stderr, flush=True), "run dbt again")
    except LoadError:
        # dbt cannot reach the server either, and says so.
        yield
        return
    try:
        yield
    finally:
        # A server that went away in the middle has given the lock back already.
        with suppress(warehouse.engine_error):
            warehouse.close()


def _unopened(path: Path) -> str | None:
    """Say why a DuckDB file cannot be opened; None where it can, or is yet to be made."""
    import duckdb

    from coco_warehouse.load.warehouse import duckdb_reason

    try:
        if path.is_file():
            duckdb.connect(str(path)).close()
    except duckdb.Error as error:
        return duckdb_reason(path, error, "run dbt again")
    return None


def missing_profile(arguments: Sequence[str], environment: Mapping[str, str], folder: Path, home: Path) -> str | None:
    """Say what is wrong with the profile that dbt would look for; None where dbt can go ahead.

    `arguments` are those of the command line, `folder` is where it was typed, `home` the user's home folder.
    The places are dbt's own, in its order: --profiles-dir, DBT_ENGINE_PROFILES_DIR, DBT_PROFILES_DIR; else
    the folder, else .dbt in the home folder. Other projects than this one, and files that dbt itself finds
    fault with, are left to dbt.
    """
    if not _command_needs_profile(arguments):
        return None
    project_folder = _project_folder(arguments, environment, folder)
    project = project_folder and _read_mapping(project_folder / "dbt_project.yml")
    if not project_folder or not project or project.get("name") != PROJECT_NAME:
        return None

    profile = _setting("PROFILE", arguments, environment) or str(project.get("profile", PROJECT_NAME))
    given = _setting("PROFILES_DIR", arguments, environment)
    places = [folder / given] if given else [folder, home / ".dbt"]
    files = [place / "profiles.yml" for place in places]
    found = next((file for file in files if file.is_file()), None)
    if found is None:
        looked = "\n".join(f"  - {file}" for file in files)
        missing = f"dbt needs the profile '{profile}', and there is no profiles.yml. Looked for:\n{looked}\n"
        if given:
            return f"{missing}Copy profiles.example.yml there as profiles.yml, or name another folder."
        if (project_folder / "profiles.yml").is_file():
            return f"{missing}Run dbt in {project_folder}, which has one."
        return f"{missing}To make one from profiles.example.yml run, in {project_folder}:\n  make profile"
    profiles = _read_mapping(found)
    if profiles is not None and profile not in profiles:
        named = ", ".join(sorted(str(name) for name in profiles if name != "config")) or "none"
        return (
            f"dbt needs the profile '{profile}', and {found} has only: {named}.\n"
            f"To make a file with it from profiles.example.yml run, in {project_folder}:\n  make profile\n"
            "Or add the profile to that file, as it stands in profiles.example.yml."
        )
    return None


def _command(arguments: Sequence[str]) -> str | None:
    """The command that is named first; none where help or a version is asked for."""
    if any(argument in ("-h", "--help", "-v", "-V", "--version") for argument in arguments):
        return None
    return next((word for word in arguments if word in COMMANDS_WITH_PROFILE | COMMANDS_WITHOUT_PROFILE), None)


def _command_needs_profile(arguments: Sequence[str]) -> bool:
    return _command(arguments) in COMMANDS_WITH_PROFILE


def _project_folder(arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> Path | None:
    given = _setting("PROJECT_DIR", arguments, environment)
    places = [folder / given] if given else [folder, *folder.parents]
    return next((place for place in places if (place / "dbt_project.yml").is_file()), None)


def _setting(name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> str | None:
    """Return a setting as dbt takes it: `--name value` or `--name=value`, else its environment variables."""
    value = _option(("--" + name.lower().replace("_", "-"),), arguments)
    return value or environment.get(f"DBT_ENGINE_{name}") or environment.get(f"DBT_{name}")


def _option(options: Sequence[str], arguments: Sequence[str]) -> str | None:
    """Return the value of an option that may be written in several ways; of several values the last."""
    value = None
    for argument, following in zip(arguments, [*arguments[1:], None], strict=True):
        if argument in options:
            value = following
        for option in options:
            if argument.startswith(f"{option}="):
                value = argument.removeprefix(f"{option}=")
    return value


def _read_mapping(file: Path) -> dict[str, object] | None:
    """Read a YAML mapping; None where it is not one, which dbt itself then reports."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    return content if isinstance(content, dict) else None

"""The warehouse that a command works on: the same project, profile and target that dbt takes."""

import os
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

PROJECT_NAME = "coco_warehouse"


class TargetError(Exception):
    """The project, the profile or its target cannot be found or used; the text says what to do."""


class SparkTargetError(TargetError):
    """The target is Spark's, which neither coco nor the dbt of this environment works on."""


@dataclass(frozen=True)
class Target:
    """One output of the dbt profile.

    `settings` are its credentials under dbt's names (`host`, `user`, `password`, `path`, `attach` …).
    """

    name: str
    type: str
    database: str
    schema: str
    project_dir: Path
    settings: Mapping[str, Any] = field(repr=False)  # may hold a password


def no_warehouse(path: Path | str) -> str:
    """Say that there is no DuckDB file at a path, and the two ways on."""
    return (
        f"There is no warehouse at {path}. Where it is another file, name that one with COCO_DUCKDB_PATH. To make one, "
        "load files first: coco load PATH, then dbt build; or all of it of a sample: make demo"
    )


def find_project_dir(given: Path | None = None) -> Path:
    """Find the folder of `dbt_project.yml`.

    In this order: `given`, the variable DBT_PROJECT_DIR, the current folder and those above it, the checkout that
    this package is installed from.

    Raises:
        TargetError: there is none.
    """
    named = given or (Path(value) if (value := os.environ.get("DBT_PROJECT_DIR")) else None)
    if named is not None:
        if not (named / "dbt_project.yml").is_file():
            raise TargetError(f"There is no dbt_project.yml in {named}.")
        return named.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        if read_yaml(folder / "dbt_project.yml").get("name") == PROJECT_NAME:
            return folder
    raise TargetError(
        f"No dbt_project.yml of the project {PROJECT_NAME} in {here} or above it. "
        "Run the command in the project's folder, or name it with --project-dir."
    )


def find_profiles_dir(project_dir: Path, given: Path | None = None) -> Path:
    """Find the folder of `profiles.yml` as dbt does: given, DBT_PROFILES_DIR, the project's folder, ~/.dbt.

    Raises:
        TargetError: there is none.
    """
    named = given or (Path(value) if (value := os.environ.get("DBT_PROFILES_DIR")) else None)
    candidates = [named] if named else [project_dir, Path.home() / ".dbt"]
    for folder in candidates:
        if (folder / "profiles.yml").is_file():
            return folder.resolve()
    raise TargetError(
        f"There is no profiles.yml in {' or '.join(str(folder) for folder in candidates)}. "
        f"Copy profiles.example.yml of the project to profiles.yml, or name its folder with --profiles-dir."
    )


def read_project(project_dir: Path) -> dict[str, Any]:
    """Read `dbt_project.yml`, unrendered."""
    return read_yaml(project_dir / "dbt_project.yml")


def project_variables(project_dir: Path) -> dict[str, Any]:
    """Read the variables of `dbt_project.yml`; those under the project's own name go before the global ones."""
    project = read_project(project_dir)
    variables = dict(project.get("vars") or {})
    own = variables.pop(project.get("name", PROJECT_NAME), None)
    return {**variables, **own} if isinstance(own, dict) else variables


def resolve_target(
    name: str | None = None, profiles_dir: Path | None = None, project_dir: Path | None = None
) -> Target:
    """Read the chosen output of the profile, with dbt's own reader: `env_var()` and defaults are as in dbt.

    Args:
        name: the output; by default the variable DBT_TARGET, then the profile's own `target`.
        profiles_dir: folder of profiles.yml.
        project_dir: folder of dbt_project.yml.

    Raises:
        TargetError: no project, no profile, no such target, a variable that is not set, or a type other than
            duckdb and postgres (SparkTargetError where it is spark).
    """
    from dbt.config.profile import Profile, read_profile
    from dbt.config.renderer import ProfileRenderer
    from dbt.flags import set_from_args
    from dbt_common.clients.system import get_env
    from dbt_common.context import set_invocation_context
    from dbt_common.exceptions import DbtBaseException

    project_dir = find_project_dir(project_dir)
    profiles_dir = find_profiles_dir(project_dir, profiles_dir)
    set_from_args(Namespace(), {})
    set_invocation_context(get_env())
    try:
        profile = Profile.from_raw_profiles(
            raw_profiles=read_profile(str(profiles_dir)),
            profile_name=read_project(project_dir).get("profile", PROJECT_NAME),
            renderer=ProfileRenderer({}),
            target_override=name or os.environ.get("DBT_TARGET"),
        )
    except DbtBaseException as error:
        if "adapter type spark" in str(error):
            raise SparkTargetError(
                "This target is Spark's, and coco works on duckdb and postgres. "
                "Spark's dbt has an environment of its own: make spark, then .venv-spark/bin/dbt (docs/scale.md)."
            ) from error
        raise TargetError(f"{profiles_dir / 'profiles.yml'}: {str(error).strip()}") from error
    credentials = profile.credentials
    if credentials.type not in ("duckdb", "postgres"):
        raise TargetError(
            f"Target {profile.target_name!r} is of type {credentials.type}; coco works on duckdb and postgres."
        )
    return Target(
        name=profile.target_name,
        type=credentials.type,
        database=credentials.database,
        schema=credentials.schema,
        project_dir=project_dir,
        settings=vars(credentials),
    )


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping; empty when the file is missing or holds something else.

    Raises:
        TargetError: the file is not YAML.
    """
    if not path.is_file():
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise TargetError(f"{path} cannot be read: {error}") from error
    return content if isinstance(content, dict) else {}

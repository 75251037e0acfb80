"""The raw tables, as `models/staging/*/_sources.yml` declares them: their only declaration."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from coco_warehouse.targets import Target, TargetError, project_variables, read_yaml


@dataclass(frozen=True)
class RawColumn:
    """A declared column; `data_type` is string, bigint, boolean, timestamp or json."""

    name: str
    data_type: str
    is_required: bool


@dataclass(frozen=True)
class RawTable:
    """A declared table: `source` and `name` are its names in dbt, `schema` and `identifier` those in the database."""

    source: str
    name: str
    database: str
    schema: str
    identifier: str
    primary_key: tuple[str, ...]
    columns: tuple[RawColumn, ...]

    @property
    def is_extract(self) -> bool:
        """Whether the table is replicated from elsewhere (by Fivetran, or from its extracts)."""
        return any(column.name == "_fivetran_synced" for column in self.columns)

    @property
    def required_columns(self) -> tuple[str, ...]:
        """Names of the documented columns, without which the table cannot be used."""
        return tuple(column.name for column in self.columns if column.is_required)

    def column_type(self, name: str) -> str | None:
        """Declared type of a column; None when the column is not declared."""
        return next((column.data_type for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class Catalog:
    """Every declared raw table."""

    tables: tuple[RawTable, ...]

    def table(self, source: str, name: str) -> RawTable:
        """One table by its names in dbt. KeyError when it is not declared."""
        for table in self.tables:
            if (table.source, table.name) == (source, name):
                return table
        raise KeyError(f"{source}.{name}")

    @property
    def extract_tables(self) -> tuple[RawTable, ...]:
        """The tables that take extracts."""
        return tuple(table for table in self.tables if table.is_extract)

    @property
    def landing_tables(self) -> tuple[RawTable, ...]:
        """The tables that `coco load` fills from files of its own kinds, and its own records."""
        return tuple(table for table in self.tables if not table.is_extract)


def read_catalog(target: Target) -> Catalog:
    """Read the declarations of the target's project, with its variables put in.

    Raises:
        TargetError: a declaration is missing or cannot be read.
    """
    variables = project_variables(target.project_dir)
    tables = [
        _table(source, table, target, variables)
        for path in sorted(target.project_dir.glob("models/staging/*/_sources.yml"))
        for source in read_yaml(path).get("sources") or []
        for table in source.get("tables") or []
    ]
    if not tables:
        raise TargetError(f"No models/staging/*/_sources.yml in {target.project_dir} declares a table.")
    return Catalog(tuple(tables))


def _table(
    source: Mapping[str, Any], table: Mapping[str, Any], target: Target, variables: Mapping[str, Any]
) -> RawTable:
    return RawTable(
        source=source["name"],
        name=table["name"],
        database=_render(source.get("database", target.database), target, variables),
        schema=_render(source.get("schema", source["name"]), target, variables),
        identifier=_render(table.get("identifier", table["name"]), target, variables),
        primary_key=tuple(_meta(table).get("primary_key", ())),
        columns=tuple(
            RawColumn(column["name"], column["data_type"], bool(_meta(column).get("required")))
            for column in table["columns"]
        ),
    )


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = (node.get("config") or {}).get("meta") or {}
    assert isinstance(meta, dict)
    return meta


def _render(text: str, target: Target, variables: Mapping[str, Any]) -> str:
    def var(name: str, default: object = None) -> object:
        return variables.get(name, default)

    template = Environment(undefined=StrictUndefined).from_string(text)
    return template.render(var=var, target=target, env_var=_environment_variable)


def _environment_variable(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise TargetError(f"The environment variable {name} is not set, and a raw table's name asks for it.")
    return value


def project_seed(project_dir: Path, name: str) -> Path:
    """Path of a seed of the project."""
    return project_dir / "seeds" / f"{name}.csv"

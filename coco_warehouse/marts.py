"""Reading the marts of a target, for the commands that print them."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import psycopg2

from coco_warehouse.load.warehouse import duckdb_reason, postgres_parameters
from coco_warehouse.targets import Target, no_warehouse

# Wide enough for the tables where the output is not a terminal, which says no width.
PLAIN_WIDTH = 130

Row = tuple[Any, ...]


class MartsError(Exception):
    """The marts cannot be read; the text says what to run."""


def query_marts(target: Target, queries: Sequence[tuple[str, Sequence[object]]]) -> list[list[Row]]:
    """Run queries on a target, read only.

    Args:
        target: where the marts are.
        queries: each with its parameters, which stand as `?` in its text.

    Returns:
        The rows of each query.

    Raises:
        MartsError: the warehouse cannot be reached, or its marts are not built.
    """
    try:
        if target.type == "duckdb":
            path = target.project_dir / target.settings["path"]
            if not path.is_file():
                raise MartsError(no_warehouse(path))
            with closing(_open(path)) as connection:
                return [connection.execute(text, list(values)).fetchall() for text, values in queries]
        connection = psycopg2.connect(**postgres_parameters(target))
        with closing(connection), connection.cursor() as cursor:
            return [_fetch(cursor, text, values) for text, values in queries]
    except (duckdb.CatalogException, psycopg2.errors.UndefinedTable) as error:
        raise MartsError(
            f"The marts of target {target.name} are not built: {str(error).splitlines()[0]}\n"
            f"Build them with: dbt build --target {target.name}"
        ) from error
    except (duckdb.Error, psycopg2.Error) as error:
        raise MartsError(f"Target {target.name} cannot be read: {str(error).strip()}") from error


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise MartsError(duckdb_reason(path, error, "try again")) from error


def _fetch(cursor: Any, text: str, values: Sequence[object]) -> list[Row]:
    cursor.execute(text.replace("?", "%s"), list(values))
    rows: list[Row] = cursor.fetchall()
    return rows


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun: 1 file, 2 files; `plural` is for those that do not end so."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def money(cents: int) -> str:
    """Write cents as units with two decimals and thousands apart: -123456 is -1,234.56."""
    units, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{units:,}.{rest:02d}"

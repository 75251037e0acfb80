"""Where a canary is found: in the tables of a warehouse, in files and in archives."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from warehouses import Warehouse

from coco_warehouse.simulate.company import CANARY

# Staging shows raw tables as they are; the restricted schema is where personal data belongs.
OPEN_TO_PERSONAL_DATA = {"coco_staging", "coco_restricted"}

# Lists of texts among them, which PostgreSQL calls an array of whatever.
TEXT_TYPES = "('varchar', 'varchar[]', 'text', 'character varying', 'json', 'jsonb', 'array')"


def relations_with_canaries(warehouse: Warehouse) -> dict[str, list[str]]:
    """The built relations in which a text column holds a canary, with those columns, by schema."""
    texts: dict[tuple[str, str], list[str]] = {}
    for schema, relation, column in warehouse.rows(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema like 'coco!_%' escape '!'"
        f" and lower(data_type) in {TEXT_TYPES}"
    ):
        texts.setdefault((schema, relation), []).append(column)
    assert texts
    count = "count(case when upper(cast({column} as text)) like '%{canary}%' then 1 end)"
    found: dict[str, list[str]] = {}
    for (schema, relation), columns in texts.items():
        selected = ", ".join(count.format(column=f'"{column}"', canary=CANARY) for column in columns)
        [row] = warehouse.rows(f'select {selected} from "{schema}"."{relation}"')
        leaks = [column for column, count in zip(columns, row, strict=True) if count]
        if leaks:
            found.setdefault(schema, []).append(f"{relation}: {', '.join(leaks)}")
    return found


def assert_canaries_where_they_belong(warehouse: Warehouse) -> None:
    found = relations_with_canaries(warehouse)
    # The canaries are there to be found: without them the test would tell nothing.
    restricted = {entry.partition(":")[0] for entry in found.get("coco_restricted", [])}
    holders = {"order_consumers", "order_personal_details", "order_loyalty_rewards", "integration_call_messages"}
    assert restricted >= holders, f"no canary in {holders - restricted}"
    assert any("stg_order_api__order_documents" in entry for entry in found.get("coco_staging", []))
    assert {schema: entries for schema, entries in found.items() if schema not in OPEN_TO_PERSONAL_DATA} == {}


def secrets_of(warehouse: Warehouse) -> list[str]:
    """What nothing may hold: the canary, and the password of the database where it has one."""
    return [CANARY, *(value for name, value in warehouse.environment.items() if name.endswith("_PASSWORD"))]


def words_in(content: bytes, words: Iterable[str]) -> list[str]:
    """Those of some words that a content holds, in whatever case."""
    folded = content.lower()
    return [word for word in words if word.lower().encode() in folded]


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """What a file holds, by name: the members of an archive, or the file itself."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{path.name}/{name}", archive.read(name)
    elif path.suffix == ".gz":
        yield path.name, gzip.decompress(path.read_bytes())
    else:
        yield path.name, path.read_bytes()


def files_with(words: Iterable[str], *folders: Path) -> dict[str, list[str]]:
    """The files under some folders that hold one of some words, with those words."""
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    assert paths, f"nothing was written to {folders}"
    return {name: found for path in paths for name, content in contents(path) if (found := words_in(content, words))}

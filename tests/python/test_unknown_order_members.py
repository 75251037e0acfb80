"""Members of order documents that are not declared are shown, wherever they stand, on both engines.

One half of the documents is written with blanks, the other without, as the services write them: there no names are
looked for where the declared members make up all of a text, and members that are null are the hard part of that.
"""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from order_marts import build_order_marts, load_order_documents
from test_order_paths import LEAVES, SENTINELS, generic
from warehouses import Warehouse, made_once

from coco_warehouse.order_paths import NESTED, Leaf

# Kind in words -> a value of it. The text would end an object, and a line.
VALUES = {
    "text": '}],"id": 1\n',
    "a number": -1.5,
    "true or false": False,
    # The same members may be null where they are declared.
    "an object": {"id": 1, "total": None, "amount": None, "name": None, "type": None},
    "an array": [{"id": 1}],
    "nothing": None,
}
# Names that are written otherwise in a JSON path, a JSON pointer or a line. The last is declared elsewhere.
NAMES = ["new", 'a "quoted"/name~0', "two\nlines", "ends: text", "größe", "platform"]
SHOWN = {name: "(a name that is no identifier)" for name in NAMES[1:-1]}

LEAF_OF: dict[str, Leaf] = {leaf.path: leaf for leaf in LEAVES}
CONTAINERS: dict[str, Leaf] = {leaf.path: leaf for leaf in LEAVES if leaf.type in ("object", "array")}


def objects(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a document that the declaration knows, with its path; [] is any element of an array."""
    if isinstance(value, dict):
        yield path, value
        for name, member in list(value.items()):
            inner = generic(f"{path}.{name}" if path else name)
            if inner in CONTAINERS or inner == NESTED:
                yield from objects(member, inner)
    elif isinstance(value, list) and not path.endswith("loyaltyRewards.rewards"):
        for element in value:
            yield from objects(element, generic(f"{path}[]"))


def emptied(documents: list[dict[str, Any]]) -> None:
    """Set what need not be there to null, in every other object."""
    for document in documents:
        for path, object_ in list(objects(document))[::2]:
            for name in object_:
                leaf = LEAF_OF.get(f"{path}.{name}" if path else name)
                if leaf and leaf.part != "required" and leaf.type not in ("object", "array"):
                    object_[name] = None


Found = dict[tuple[str, str], tuple[int, int]]


def planted(documents: list[dict[str, Any]]) -> Found:
    """Plant a member in every object, each of another name and kind. Returns (path, kind) -> documents, occurrences."""
    within: Counter[tuple[str, str]] = Counter()
    over: Counter[tuple[str, str]] = Counter()
    number = 0
    for document in documents:
        here: set[tuple[str, str]] = set()
        for path, object_ in list(objects(document)):
            name = next(name for name in NAMES[number % len(NAMES) :] + NAMES if name not in object_)
            name = "new" if any(leaf.path == (f"{path}.{name}" if path else name) for leaf in LEAVES) else name
            kind = list(VALUES)[number // len(NAMES) % len(VALUES)]
            object_[name] = VALUES[kind]
            shown = (f"{path}.{SHOWN.get(name, name)}" if path else SHOWN.get(name, name)), kind
            over[shown] += 1
            here.add(shown)
            number += 1
        within.update(here)
    return {key: (within[key], over[key]) for key in over}


def unknown_members(warehouse: Warehouse) -> Found:
    columns = "member_path, kind_found, document_count, occurrence_count"
    rows = warehouse.rows(f"select {columns} from coco_marts.order_document_unknown_members")
    assert len({row[:2] for row in rows}) == len(rows)
    return {(path, kind): (documents, occurrences) for path, kind, documents, occurrences in rows}


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_every_unknown_member_is_shown(
    engine: str, run_folder: Path, warehouse_at: Callable[[str, Path], Warehouse]
) -> None:
    documents = copy.deepcopy(SENTINELS.documents)
    first, second = documents[::2], documents[1::2]
    expected = planted(first)
    paths = {path for path, _ in objects_of(documents)}
    emptied(second)
    later = planted(second)
    assert {re.sub(r"\[\]$", "", path) for path in paths} >= CONTAINERS.keys() - {
        "rawPlatformFinancials.promotions.loyaltyRewards.rewards",
        *(path for path in CONTAINERS if path == NESTED),
    }

    def make(folder: Path) -> None:
        warehouse = warehouse_at(engine, folder)
        (folder / "none.ndjson").write_text(json.dumps(SENTINELS.documents[0]) + "\n", encoding="utf-8")
        load_order_documents(warehouse, folder / "none.ndjson")
        build_order_marts(warehouse)

    warehouse = warehouse_at(engine, made_once(run_folder / f"unknown_{engine}", make))
    assert unknown_members(warehouse) == {}
    for name, part, separators in (("first", first, (", ", ": ")), ("second", second, (",", ":"))):
        file = warehouse.folder / f"{name}.ndjson"
        texts = (json.dumps(document, separators=separators, ensure_ascii=name == "first") for document in part)
        file.write_text("\n".join(texts) + "\n", encoding="utf-8")
        warehouse.load(file)
        build_order_marts(warehouse)
        if name == "first":
            assert unknown_members(warehouse) == expected
    both = {
        key: tuple(map(sum, zip(expected.get(key, (0, 0)), later.get(key, (0, 0)), strict=True)))
        for key in expected | later
    }
    assert unknown_members(warehouse) == both
    rejected = "select count(*) from coco_intermediate.int_order_versions where version_state = 'rejected'"
    assert warehouse.rows(rejected) == [(0,)]


def objects_of(documents: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [found for document in documents for found in objects(document)]

"""Every path of the order document is in the column that docs/orders.md names, and in no other, on both engines."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from order_marts import build_order_marts, load_order_documents
from warehouses import PROJECT, Warehouse, made_once

from coco_warehouse.order_paths import NESTED, PAGE, Leaf, columns_of_paths, declared_leaves, lost_paths, written_page

DATA = Path(__file__).parent / "data"
REFERENCE = PROJECT.parent / "shared" / "reference"
VERSIONS = ["current", "previous"]

LEAVES = declared_leaves()
COLUMNS = columns_of_paths()
MODIFIERS = "details.items[].modifiers"
MODIFIER_DEPTH = 3

# The columns that do not hold a text as it stands.
ALTERED = {
    "orders.platform": str.lower,
    "orders.currency_code": str.upper,
    "order_tax_remittances.currency_code": str.upper,
}


def test_the_page_is_as_written() -> None:
    assert (PROJECT / PAGE).read_text(encoding="utf-8") == written_page(), "run python -m coco_warehouse.order_paths"


def test_every_path_reaches_a_column() -> None:
    assert lost_paths(LEAVES, COLUMNS) == []
    assert sorted(COLUMNS.keys() - {leaf.path for leaf in LEAVES}) == []


@pytest.mark.parametrize("path", ["details.tip", "details.items", "details.courier", "details.items[].sku"])
def test_a_path_without_a_column_is_lost(path: str) -> None:
    others = {held: columns for held, columns in COLUMNS.items() if not held.startswith(path)}
    assert lost_paths(LEAVES, others)[0] == path


def test_a_personal_path_is_in_restricted_marts_alone() -> None:
    personal = [leaf.path for leaf in LEAVES if leaf.is_personal]
    assert personal
    for mart in {column.mart for path in personal for column in COLUMNS.get(path, [])}:
        assert "schema='restricted'" in (PROJECT / f"models/marts/orders/{mart}.sql").read_text(encoding="utf-8"), mart


class Sentinels:
    """Documents made from the declaration, each with another value on every leaf of theirs.

    planted: path -> the values in it, as a mart should hold them; truths: path of a boolean -> its value by order id;
    there: order id -> how often each object and array element stands in that order's document.
    The full documents have every path, the bare ones no optional path but one object that a column of its own shows.
    """

    def __init__(self) -> None:
        self.count = 0
        self.planted: dict[str, list[Any]] = defaultdict(list)
        self.truths: dict[str, dict[str, bool]] = defaultdict(dict)
        self.there: dict[str, Counter[str]] = {}
        booleans = [leaf.path for leaf in LEAVES if leaf.type == "boolean"]
        # Over the full documents no two booleans have the same values, and none has one value alone.
        self.codes = {path: number + 1 for number, path in enumerate(booleans)}
        full = (len(booleans) + 1).bit_length()
        self.documents = [self.document(number, is_full=True) for number in range(full)]
        self.full_ids = list(self.there)
        shown = [leaf.path for leaf in LEAVES if leaf.type == "object" and leaf.path in COLUMNS and not leaf.array]
        self.documents += [self.document(full, is_full=False, object_path=path) for path in ["", *shown]]

    def document(self, number: int, is_full: bool, object_path: str = "") -> dict[str, Any]:
        order_id = f"Sentinel {self.count + 1}"
        self.object_path = object_path
        self.there[order_id] = Counter()
        document = self.members("", order_id, number, is_full, 0)
        assert document["id"] == order_id
        return document

    def members(self, array: str, order_id: str, number: int, is_full: bool, depth: int) -> Any:
        """An element of an array, or with '' the document itself."""
        found: dict[str, Any] = {}
        for leaf in LEAVES:
            if leaf.array != array:
                continue
            if leaf.path == f"{array}[]":  # an element whose content is open
                return self.value(leaf, order_id, number)
            *parents, name = leaf.path.removeprefix(f"{array}[].").split(".")
            holder: Any = found
            for parent in parents:
                holder = holder.get(parent) if holder is not None else None
            if holder is None or (leaf.part == "optional" and not is_full and leaf.path != self.object_path):
                continue
            if leaf.type == "object":
                holder[name] = {}
                self.there[order_id][leaf.path] += 1
            elif leaf.type == "array":
                elements = MODIFIERS if leaf.path == NESTED else leaf.path
                deeper = depth + 1 if elements == MODIFIERS else depth
                size = 2 if is_full and deeper <= MODIFIER_DEPTH else 0
                holder[name] = [self.members(elements, order_id, number, is_full, deeper) for _ in range(size)]
                self.there[order_id][leaf.path] += size
            else:
                holder[name] = self.value(leaf, order_id, number)
        return found

    def value(self, leaf: Leaf, order_id: str, number: int) -> Any:
        if leaf.type == "boolean":
            truth = bool(self.codes[leaf.path] >> number & 1)
            self.truths[leaf.path][order_id] = truth
            return truth
        self.count += 1
        if leaf.type == "time":
            moment = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=self.count, microseconds=self.count)
            self.planted[leaf.path].append(moment.replace(tzinfo=None))
            return moment.astimezone(timezone(timedelta(hours=-7))).isoformat()
        value: Any = {
            "text": f"Sentinel {self.count}",
            "cents": 10_000_000 + self.count,
            "number": 20_000_000 + self.count + 0.125,
            "json": {"any": f"Sentinel {self.count}"},
        }[leaf.type]
        self.planted[leaf.path].append(value)
        return value


SENTINELS = Sentinels()


def comparable(value: Any) -> Any:
    """A value to be looked for: a text in any case, JSON whatever its blanks, a number whatever its type."""
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    if isinstance(value, str):
        return comparable(json.loads(value)) if value.startswith("{") else value.casefold()
    return Decimal(str(value)) if isinstance(value, (int, float, Decimal)) else value


Marts = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def marts(request: pytest.FixtureRequest, run_folder: Path, warehouse_at: Callable[[str, Path], Warehouse]) -> Marts:
    """The rows of every mart that holds a path, from the sentinels' documents."""
    names = {column.mart for columns in COLUMNS.values() for column in columns}

    def make(folder: Path) -> None:
        warehouse = warehouse_at(request.param, folder)
        file = folder / "sentinels.ndjson"
        file.write_text("\n".join(map(json.dumps, SENTINELS.documents)) + "\n", encoding="utf-8")
        load_order_documents(warehouse, file)
        build_order_marts(warehouse)

    warehouse = warehouse_at(request.param, made_once(run_folder / f"sentinels_{request.param}", make))
    rejected = "select rejecting_findings from coco_intermediate.int_order_versions where version_state = 'rejected'"
    assert warehouse.rows(rejected) == []
    found: dict[str, list[str]] = defaultdict(list)
    listed = "select table_schema, table_name, column_name from information_schema.columns"
    for schema, table, column in warehouse.rows(f"{listed} where table_schema <> 'coco_intermediate'"):
        if table in names:
            found[f"{schema}.{table}"].append(column)
    return {
        relation.partition(".")[2]: [
            dict(zip(columns, row, strict=True))
            for row in warehouse.rows(f"select {', '.join(columns)} from {relation}")
        ]
        for relation, columns in found.items()
    }


def test_each_value_is_in_its_columns_and_no_other(marts: Marts) -> None:
    held: dict[str, set[Any]] = defaultdict(set)
    exact: dict[str, set[str]] = defaultdict(set)
    for mart, rows in marts.items():
        for row in rows:
            for name, value in row.items():
                if not isinstance(value, bool):
                    held[f"{mart}.{name}"].add(comparable(value))
                    exact[f"{mart}.{name}"].add(str(value))
    wrong = []
    for path, planted in SENTINELS.planted.items():
        values = {comparable(value) for value in planted}
        claimed = {str(column) for column in COLUMNS[path]}
        # order_id stands in every mart: it is looked for as a key of them all.
        holding = {column for column, found in held.items() if found & values}
        holding -= {column for column in holding if path == "id" and column.endswith(".order_id")} - claimed
        if holding != claimed:
            wrong.append(f"{path} is in {sorted(holding)}, and docs/orders.md says {sorted(claimed)}")
        wrong += [f"{path}: not all of it is in {column}" for column in claimed if not values <= held[column]]
        if isinstance(planted[0], str):
            for column in claimed:
                texts = {ALTERED.get(column, str)(value) for value in planted}
                if not texts <= exact[column]:
                    wrong.append(f"{path} is otherwise written in {column}: {sorted(texts - exact[column])}")
    assert not wrong, "\n".join(wrong)


def test_each_truth_is_in_its_columns_and_no_other(marts: Marts) -> None:
    truths: dict[str, list[bool | None]] = {}
    for mart, rows in marts.items():
        by_order = {row["order_id"]: row for row in rows}
        if len(by_order) == len(rows):
            for name in rows[0]:
                truths[f"{mart}.{name}"] = [by_order.get(order_id, {}).get(name) for order_id in SENTINELS.full_ids]
    for path, planted in SENTINELS.truths.items():
        pattern = [planted[order_id] for order_id in SENTINELS.full_ids]
        assert len(set(pattern)) == 2, path
        assert {column for column, found in truths.items() if found == pattern} == set(map(str, COLUMNS[path])), path


def test_each_object_and_element_shows(marts: Marts) -> None:
    containers = {leaf.path for leaf in LEAVES if leaf.type in ("object", "array")} & COLUMNS.keys()
    paths_of = defaultdict(list)
    for path in sorted(containers):
        for column in COLUMNS[path]:
            paths_of[column].append(path)
    assert len(paths_of) > 10
    for column, paths in paths_of.items():
        for order_id, there in SENTINELS.there.items():
            shown = [row[column.name] for row in marts[column.mart] if row["order_id"] == order_id]
            count = sum(there[path] for path in paths)
            assert count or order_id not in SENTINELS.full_ids
            if column.data_type == "boolean":
                assert shown == [count > 0], (column, order_id)
            else:
                assert len(shown) == count and None not in shown, (column, order_id)


def generic(path: str) -> str:
    """A path with modifiers of modifiers written as modifiers."""
    return re.sub(r"(\.modifiers\[\]){2,}", ".modifiers[]", path)


def paths_in(value: Any, path: str = "") -> Iterator[str]:
    """The paths of a document, objects and arrays and their elements among them."""
    if path:
        yield generic(path)
    for name, member in value.items() if isinstance(value, dict) else ():
        yield from paths_in(member, f"{path}.{name}" if path else name)
    for element in value if isinstance(value, list) else ():
        for found in paths_in(element, f"{path}[]"):
            if found != generic(f"{path}[]"):  # an element's own path is its array's
                yield found


@pytest.mark.parametrize("version", VERSIONS)
def test_every_path_of_the_printed_examples_is_declared(version: str) -> None:
    text = (DATA / f"printed_order_{version}.json").read_text(encoding="utf-8")
    found = set(paths_in(json.loads(text)))
    assert "details.items[].modifiers[].price.total" in found
    assert sorted(found - {leaf.path for leaf in LEAVES}) == []


# A TypeScript type: the kinds of a declared leaf that it may be, whether it may be missing or null, and what it holds.
Type = tuple[str, bool, Any]
TOKEN = re.compile(r"[A-Za-z_]\w*|'[^']*'|\[\]|[{}:;?|<>=]")


class TypeReader:
    """The `type X = …;` blocks of a reference document."""

    def __init__(self, text: str) -> None:
        text = re.sub(r"//[^\n]*", "", text)
        self.types: dict[str, Type] = {}
        for block in re.finditer(r"^type (\w+) =", text, re.MULTILINE):
            self.tokens = TOKEN.finditer(text, block.end())
            self.token = ""
            self.advance()
            self.types[block[1]] = self.read_type()

    def advance(self) -> str:
        passed, following = self.token, next(self.tokens, None)
        self.token = following.group() if following else ""
        return passed

    def read_type(self) -> Type:
        """Read alternatives; those that are not null are of one kind."""
        alternatives = []
        while True:
            if self.token == "|":
                self.advance()
            alternatives.append(self.read_single())
            if self.token != "|":
                break
        kinds = {alternative[0] for alternative in alternatives} - {"null"}
        assert len(kinds) == 1, kinds
        holds = next((alternative[2] for alternative in alternatives if alternative[0] != "null"), None)
        return kinds.pop(), any(alternative[0] == "null" for alternative in alternatives), holds

    def read_single(self) -> Type:
        token = self.advance()
        if token == "{":
            members = {}
            while self.token != "}":
                name = self.advance()
                if is_optional := self.token == "?":
                    self.advance()
                assert self.advance() == ":", name
                kind, is_nullable, holds = self.read_type()
                members[name] = (kind, is_optional or is_nullable, holds)
                if self.token != "}":
                    assert self.advance() == ";", name
            self.advance()
            found: Type = ("object", False, members)
        elif token.startswith("'"):
            found = ("string", False, None)
        elif token == "Array":
            assert self.advance() == "<"
            found = ("array", False, self.read_type())
            assert self.advance() == ">"
        elif token in ("string", "number", "boolean", "unknown", "null"):
            found = (token, False, None)
        else:
            found = ("named", False, token)
        while self.token == "[]":
            self.advance()
            found = ("array", False, found)
        return found

    def paths(self, type_: Type, path: str) -> Iterator[tuple[str, str, bool]]:
        """Every path below a type: the path, its kind, whether it may be missing or null."""
        kind, is_optional, holds = type_
        if kind == "named":
            named_kind, is_nullable, holds = self.types[holds]
            kind, is_optional = named_kind, is_optional or is_nullable
        if path and not path.endswith("[]"):
            yield path, kind, is_optional
        if kind == "object":
            for name, member in holds.items():
                yield from self.paths(member, f"{path}.{name}" if path else name)
        elif kind == "array" and path != NESTED:
            if holds[0] == "unknown":
                yield f"{path}[]", "unknown", True
            yield from self.paths(holds, f"{path}[]")


KINDS = {
    "string": {"text", "time"},
    "number": {"cents", "number"},
    "boolean": {"boolean"},
    "object": {"object"},
    "array": {"array"},
    "unknown": {"json"},
}


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference documents are not beside the checkout")
def test_the_declaration_is_what_the_reference_documents_define() -> None:
    declared = {leaf.path: leaf for leaf in LEAVES}
    defined: set[str] = set()
    for version in VERSIONS:
        reader = TypeReader((REFERENCE / f"order-schema-{version}.md").read_text(encoding="utf-8"))
        paths = list(reader.paths(reader.types["Order"], ""))
        assert len(paths) > 50
        assert sorted({path for path, _, _ in paths} - declared.keys()) == []
        for path, kind, is_optional in paths:
            assert declared[path].type in KINDS[kind], path
            assert not (is_optional and declared[path].part == "required"), f"{path} may be missing"
        defined |= {path for path, _, _ in paths}
    assert sorted(declared.keys() - defined) == []

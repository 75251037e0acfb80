"""Statements with the dirt of the real world come to the ledger of their clean twins, and nothing is lost silently.

Each kind of dirt is put on every file whose format can have it, at random; what cannot be read is rejected row by row.
"""

from __future__ import annotations

import random
import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from statement_files import (
    FORMATS,
    Statement,
    assert_equal_ledgers,
    build,
    csv_text,
    ledger,
    parts,
    read_statements,
    write_statement,
)
from warehouses import PROJECT, Warehouse

from coco_warehouse.load.errors import FileRefused
from coco_warehouse.load.files import inspect_file
from coco_warehouse.load.statements import recognise_export
from coco_warehouse.simulate import simulate

NewWarehouse = Callable[[str], Warehouse]
Ledger = dict[str, Counter[tuple[Any, ...]]]

ORDERS = 400
STATEMENT_FORMATS = sorted(format_.name for format_ in FORMATS if format_.name != "bank_transactions")

DATES = {"order_date", "event_date", "payout_date"}
STORE_IDS = {"platform_store_id", "partner_store_code"}
NOTE = 'He said "no, thanks", twice'


class Dirt:
    """Puts dirt on statements, and counts what it put where: kind by format."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.put: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def chance(self, share: float = 0.25) -> bool:
        return self.random.random() < share

    def file(self, statement: Statement) -> bytes:
        """A statement as bytes, dirty."""
        kinds = self.put[statement.statement_format]
        columns = parts(statement.statement_format)
        roles = [columns.get(header, ("informational", "")) for header in statement.header]
        has_net = any(role == "net" for role, _ in roles)
        records = [
            [self.cell(kinds, text, *part, has_net) for text, part in zip(row, roles, strict=True)]
            for row in statement.rows
        ]
        header = [self.header(kinds, name) for name in statement.header]
        place = self.random.randrange(len(records) + 1)
        records[place:place] = [header, [""] * len(header)]
        kinds["repeated header row"] += 1
        records.append(self.totals_row(roles))
        kinds["totals row"] += 1
        descriptions = []
        if self.chance(0.5):
            descriptions = [[f"What {name} means" for name in statement.header]]
            kinds["description row"] += 1
        line_end = self.random.choice(["\n", "\r\n"])
        kinds[f"line end {line_end!r}"] += 1
        mark = "\ufeff" if self.chance(0.5) else ""
        kinds[f"byte-order mark {bool(mark)}"] += 1
        return (mark + csv_text([*descriptions, header, *records], line_end)).encode()

    def header(self, kinds: Counter[str], name: str) -> str:
        if " " in name and self.chance():
            kinds["white space in a header"] += 1
            name = name.replace(" ", self.random.choice(["\n", "  ", "\r\n", "\u00a0", "\t"]), 1)
        return f" {name}  " if self.chance() else name

    def totals_row(self, roles: list[tuple[str, str]]) -> list[str]:
        first = next(place for place, (role, _) in enumerate(roles) if role == "attribute")
        row = ["1,234.56" if role in ("amount", "net") else "" for role, _ in roles]
        row[first] = self.random.choice(["Total", "TOTALS", "Grand Total", ""])
        return row

    def cell(self, kinds: Counter[str], text: str, role: str, attribute: str, has_net: bool) -> str:
        if role in ("amount", "net"):
            return self.amount(kinds, text, can_be_blank=has_net and role == "amount")
        if role != "attribute":
            return text
        if text in ("", "NULL"):
            kinds["word for nothing"] += 1
            return self.random.choice(["", "NULL", "null", " ", "N/A"])
        if attribute in DATES:
            text = self.date(kinds, text)
        if attribute in STORE_IDS and re.fullmatch("[1-9][0-9]*", text) and self.chance():
            kinds["leading zeros of a store"] += 1
            text = f"00{text}"
        if attribute in ("platform_order_id", "transaction_id") and re.fullmatch("0+[1-9][0-9]*", text):
            kinds["lost zeros of an order"] += 1
            text = text.lstrip("0")
        if " " in text and attribute == "description" and self.chance(0.5):
            kinds["note with a line end"] += 1
            text = text.replace(" ", "\n\t", 1)
        if self.chance():
            kinds["white space in a cell"] += 1
            text = f" {text.replace(' ', self.random.choice(['  ', chr(0xA0)]), 1)}  "
        return text

    def amount(self, kinds: Counter[str], text: str, can_be_blank: bool) -> str:
        if not re.fullmatch("-?[0-9]+[.][0-9]{2}", text):
            return text
        if text == "0.00":
            kinds["no money"] += 1
            return self.random.choice(["", "-", " $ -   ", "NULL", "0", "0.00"]) if can_be_blank else "0"
        whole, cents = text.removeprefix("-").split(".")
        if int(whole) >= 1000:
            kinds["thousands"] += 1
        number = f"{int(whole):,}.{cents}"
        kinds["money"] += 1
        if text.startswith("-"):
            kinds["parentheses"] += 1
            ways = ["-{}", "({})", "-${}", "($ {})", " $ ({}) ", "$-{}", "$({})"]
        else:
            ways = ["{}", "${}", " $ {} ", "{}\u00a0"]
        return self.random.choice(ways).format(number)

    def date(self, kinds: Counter[str], text: str) -> str:
        iso = re.fullmatch("([0-9]{4})-([0-9]{2})-([0-9]{2})(.*)", text)
        if iso and not iso[4]:
            kinds["M/D/YY"] += 1
            return f"{int(iso[2])}/{int(iso[3])}/{iso[1][2:]}"
        short = re.fullmatch("([0-9]{1,2})/([0-9]{1,2})/([0-9]{2})", text)
        if short and self.chance(0.5):
            kinds["other date"] += 1
            return f"20{short[3]}-{int(short[1]):02}-{int(short[2]):02} 00:00:00"
        return text


@dataclass(frozen=True)
class Twins:
    """Two samples that differ in nothing but dirt, and how to make them again."""

    clean: list[Path]
    dirty: list[Path]
    replay: str


# What must have been put on a format at the least, so that the comparison says something.
EVERYWHERE = {
    "repeated header row",
    "totals row",
    "description row",
    "money",
    "line end '\\r\\n'",
    "byte-order mark True",
}
SOMEWHERE = EVERYWHERE | {
    "white space in a header",
    "white space in a cell",
    "word for nothing",
    "leading zeros of a store",
    "lost zeros of an order",
    "note with a line end",
    "thousands",
    "parentheses",
    "no money",
    "M/D/YY",
    "other date",
}


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Twins:
    """A sample whose statements are clean, and its twin whose statements are dirty."""
    seed = secrets.randbelow(2**32)
    folder = tmp_path_factory.mktemp("dirt")
    simulate(folder / "sample", orders=ORDERS, seed=seed, faults=0.25, project_dir=PROJECT)
    raw = folder / "sample" / "raw"
    statements = [with_notes(statement) for statement in read_statements(raw / "statements")]
    # A format of few files may by chance have none with a mark: dirt is put anew until every kind is there.
    for attempt in range(20):
        dirt = Dirt(seed + attempt)
        dirty = [dirt.file(statement) for statement in statements]
        if has_every_kind(dirt):
            break
    assert has_every_kind(dirt), f"{dirt.put}, seed {seed}"
    for number, (statement, content) in enumerate(zip(statements, dirty, strict=True)):
        write_statement(statement, folder / "clean" / str(number))
        place = folder / "dirty" / str(number)
        place.mkdir(parents=True)
        (place / statement.name).write_bytes(content)
    others = [path for path in raw.iterdir() if path.name != "statements"]
    return Twins([folder / "clean", *others], [folder / "dirty", *others], f"to replay: seed = {seed}")


def has_every_kind(dirt: Dirt) -> bool:
    """Whether every kind of dirt that a format can have is put there, and all kinds somewhere."""
    everywhere = all(set(kinds) >= EVERYWHERE - {"description row"} for kinds in dirt.put.values())
    somewhere = set().union(*dirt.put.values()) >= SOMEWHERE
    return set(dirt.put) == set(STATEMENT_FORMATS) and everywhere and somewhere


def with_notes(statement: Statement) -> Statement:
    """A statement whose adjustments have a note with quotes and commas, and come to thousands."""
    if statement.statement_format != "grubhub_transactions":
        return statement
    kind, note, net = (statement.place(name) for name in ("transaction_type", "transaction_note", "merchant_net_total"))
    rows = [list(row) for row in statement.rows]
    for row in rows:
        if row[kind] == "Order Adjustment":
            row[note] = f"{row[note]} {NOTE}"
            row[net] = f"{Decimal(row[net]) + 2000:.2f}"
    return statement.with_rows(rows)


@pytest.fixture(scope="module")
def clean_ledger(
    twins: Twins, warehouse_at: Callable[[str, Path], Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> Ledger:
    warehouse = warehouse_at("duckdb", tmp_path_factory.mktemp("clean"))
    warehouse.load(*twins.clean)
    build(warehouse)
    return ledger(warehouse)


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_dirty_statements_come_to_the_ledger_of_their_clean_twins(
    engine: str, twins: Twins, clean_ledger: Ledger, new_warehouse: NewWarehouse
) -> None:
    warehouse = new_warehouse(engine)
    report = warehouse.load(*twins.dirty)
    refused = [(outcome.path.name, outcome.reason) for outcome in report.with_status("refused")]
    assert refused == [], twins.replay
    build(warehouse)
    assert warehouse.rows("select * from coco_marts.rejected_statement_rows") == [], twins.replay
    assert_equal_ledgers(clean_ledger, ledger(warehouse), twins.replay)


@pytest.mark.parametrize("statement_format", STATEMENT_FORMATS)
def test_one_renamed_column_stops_the_file_by_name(statement_format: str, tmp_path: Path) -> None:
    (format_,) = (format_ for format_ in FORMATS if format_.name == statement_format)
    path = tmp_path / "export.csv"
    headers = [name for name in parts(statement_format) if name in format_.headers]
    for place, header in enumerate(headers):
        renamed = [*headers[:place], f"{header} (new)", *headers[place + 1 :]]
        path.write_text(csv_text([["a description"] * len(headers), renamed, ["1"] * len(headers)]), encoding="utf-8")
        with pytest.raises(FileRefused) as refusal:
            recognise_export(inspect_file(path), FORMATS, [])
        reason = str(refusal.value)
        assert f"The header “{header} (new)” is not one of {statement_format}." in reason
        assert "record 2" in reason
        assert "add the header to seeds/statement_columns.csv" in reason
        assert f"lacks “{header}”" in reason or header not in format_.required


@pytest.fixture
def statements_only(new_warehouse: NewWarehouse) -> Callable[[str], Warehouse]:
    """A function that makes a warehouse that nothing but statements is loaded into."""

    def new(engine: str) -> Warehouse:
        warehouse = new_warehouse(engine)
        warehouse.create_empty_tables("config_rds_public")
        return warehouse

    return new


def row(statement_format: str, **cells: str) -> tuple[str, ...]:
    """A row of a format with some cells, by attribute; money is 0.00 unless it is given by header."""
    by_header = {"net": "5.00", "amount": "0.00", "attribute": "", "informational": ""}
    return tuple(
        cells.get(attribute or header.replace(" ", "_").lower(), by_header[role])
        for header, (role, attribute) in parts(statement_format).items()
        if header in next(format_.headers for format_ in FORMATS if format_.name == statement_format)
    )


def file(statement_format: str, *rows: tuple[str, ...], name: str = "export.csv") -> Statement:
    headers = next(format_.headers for format_ in FORMATS if format_.name == statement_format)
    return Statement(name, statement_format, tuple(h for h in parts(statement_format) if h in headers), rows)


GRUBHUB = {"event_date": "2026-09-01", "source_line_type": "Prepaid Order", "platform_order_id": "123456789012345"}

# Row by row: what is wrong with it, and the finding; None where it stands.
READ_OR_REJECTED: list[tuple[dict[str, str], str | None]] = [
    ({"subtotal": "5.00"}, None),
    ({"event_date": "12/31/00"}, None),
    ({"description": "N/A", "store_name": "null"}, None),
    ({"subtotal": "5.00-"}, "subtotal: expected an amount"),
    ({"subtotal": "12.345"}, "subtotal: expected an amount"),
    ({"subtotal": "EUR 5.00"}, "subtotal: expected an amount"),
    ({"tip": "five", "commission": "1,23"}, "commission: expected an amount\ntip: expected an amount"),
    ({"merchant_net_total": "#REF!"}, "merchant_net_total: expected an amount"),
    ({"event_date": "13/45/26"}, "event date: expected a date"),
    ({"event_date": "yesterday"}, "event date: expected a date"),
    ({"transaction_id": "NULL"}, "transaction id: expected text, found nothing"),
    ({"event_date": "10/03/62"}, "event date: expected a day no more than a year after the load"),
    ({"event_date": "2027-11-02"}, None),
    ({"event_date": "2027-11-03"}, "event date: expected a day no more than a year after the load"),
    (
        {"event_date": "", "event_local_time": "2062-10-03 12:00"},
        "event time: expected a day no more than a year after the load",
    ),
]


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_what_cannot_be_read_is_rejected_by_row(
    engine: str, statements_only: Callable[[str], Warehouse], tmp_path: Path
) -> None:
    rows = [
        row("grubhub_transactions", **{**GRUBHUB, "transaction_id": f"t{number}", **cells})
        for number, (cells, _) in enumerate(READ_OR_REJECTED)
    ]
    ahead = row("ubereats_payment_details", order_date="2062-10-03", payout_date="2062-10-05", platform_order_id="1")
    warehouse = statements_only(engine)
    warehouse.load(
        write_statement(file("grubhub_transactions", *rows), tmp_path),
        write_statement(file("ubereats_payment_details", ahead, name="ahead.csv"), tmp_path),
        write_statement(file("doordash_simplified", name="header only.csv"), tmp_path),
    )
    build(warehouse)
    rejected = "select source_row_number, findings from coco_marts.rejected_statement_rows where source_file_name = "
    assert warehouse.rows(f"{rejected}'ahead.csv'") == [
        (2, "order date: expected a day no more than a year after the load\n"
            "payout date: expected a day no more than a year after the load")
    ]  # fmt: skip
    found = dict(warehouse.rows(f"{rejected}'export.csv'"))
    wanted = {number: finding for number, (_, finding) in enumerate(READ_OR_REJECTED, start=2) if finding}
    assert found == wanted
    lines = warehouse.rows(
        "select source_row_number, event_date, description from coco_marts.statement_lines order by source_row_number"
    )
    assert [number for number, *_ in lines] == [2, 3, 4, 14]
    # A placeholder is no date, and a word for nothing is nothing.
    assert lines[1][1] is None
    assert lines[2][2] is None
    assert warehouse.rows("select content_format, row_count from coco_load.loaded_files order by 1") == [
        ("doordash_simplified", 0),
        ("grubhub_transactions", len(rows)),
        ("ubereats_payment_details", 1),
    ]


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_a_header_that_is_not_mapped_any_more_rejects_its_rows(
    engine: str, statements_only: Callable[[str], Warehouse], tmp_path: Path
) -> None:
    warehouse = statements_only(engine)
    statement = file("grubhub_transactions", row("grubhub_transactions", **GRUBHUB, transaction_id="t1"))
    warehouse.load(write_statement(statement, tmp_path))
    # As another loader, or an older seed, would have let it in.
    warehouse.execute(
        "update payout_statements.statement_rows "
        "set row_data = replace(cast(row_data as varchar(10000)), '\"tip\"', '\"gratuity\"')"
    )
    build(warehouse)
    assert warehouse.rows("select findings from coco_marts.rejected_statement_rows") == [
        ("gratuity: not a header that the seed statement_columns maps",)
    ]

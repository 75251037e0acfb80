"""Files that are not what they claim: each is refused with its reason, and the others still land."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warehouses import LOADED_AT, PROJECT, Warehouse

from coco_warehouse.load import LoadReport
from coco_warehouse.load.errors import FileRefused
from coco_warehouse.load.files import BLOCK_BYTES, inspect_file
from coco_warehouse.load.statements import BANK_COLUMNS, read_formats, recognise_export


def headers(statement_format: str) -> list[str]:
    with (PROJECT / "seeds" / "statement_columns.csv").open(encoding="utf-8", newline="") as text:
        return [
            row["header"]
            for row in csv.DictReader(text)
            if row["statement_format"] == statement_format and not row["header"].startswith("*")
        ]


def csv_bytes(*records: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(records)
    return text.getvalue().encode()


SIMPLIFIED = headers("doordash_simplified")
DATA = [f"value {place}" for place in range(len(SIMPLIFIED))]
GOOD = csv_bytes(SIMPLIFIED, DATA)
BANK = list(BANK_COLUMNS)
MISSPELT = ["Subtotals" if header == "Subtotal" else header for header in SIMPLIFIED]
OLO = ["id", "type", "payload", "created_at", "_fivetran_synced", "_fivetran_deleted"]
OLO_ROW = ["1", "X", "{}", "2026-09-01T00:00:00Z", "2026-09-01T00:00:00Z", "false"]
EXTRACT = "deliveries_rds_public.olo_requests"


def olo(**changes: str) -> bytes:
    return csv_bytes(OLO, OLO_ROW, list(({**dict(zip(OLO, OLO_ROW, strict=True)), "id": "2"} | changes).values()))


def parquet_bytes() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(5000))}), sink)
    return sink.getvalue()


# Name, content, and what the reason must say.
REFUSED: dict[str, tuple[bytes, list[str]]] = {
    "empty.csv": (b"", ["empty"]),
    "empty.ndjson": (b"", ["empty"]),
    "blank.ndjson": (b" \n\n", ["white space"]),
    "blank.csv": (b"\n\n", ["blank records"]),
    "workbook.csv": (b"PK\x03\x04\x14\x00\x06\x00", ["Excel workbook", "CSV UTF-8"]),
    "workbook.xlsx": (b"PK\x03\x04\x14\x00\x06\x01", ["Excel workbook", "CSV UTF-8"]),
    "old_workbook.csv": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", ["old Excel workbook"]),
    "document.pdf": (b"%PDF-1.7", ["PDF"]),
    "login.csv": (b"\n <!DOCTYPE html><html><body>Sign in", ["web page", "login"]),
    "login.ndjson": (b"<html><body>Sign in", ["web page"]),
    "utf16.csv": (GOOD.decode().encode("utf-16"), ["UTF-16", "Save it as UTF-8"]),
    "utf16_without_mark.csv": (GOOD.decode().encode("utf-16-le"), ["NUL character at byte 1"]),
    "utf16.ndjson": ('{"id":"1"}'.encode("utf-16"), ["UTF-16"]),
    "utf32.csv": (GOOD.decode().encode("utf-32"), ["UTF-32"]),
    "latin1.csv": (GOOD + "Café".encode("latin-1"), [f"byte {len(GOOD) + 3} cannot be decoded", "UTF-8"]),
    "parquet.csv": (parquet_bytes(), ["is Parquet"]),
    "orders.parquet": (parquet_bytes(), ["names no table"]),
    "text.parquet": (GOOD, ["is not Parquet"]),
    "notes.txt": (b"hello", ["“.txt”", ".ndjson"]),
    "no_suffix": (b"hello", ["“no_suffix”"]),
    "cut.ndjson.gz": (gzip.compress(b'{"id":"1","status":"new"}\n' * 5000)[:-20], ["gzip", "cut short"]),
    "damaged.ndjson.gz": (b"\x1f\x8b" + b"x" * 50, ["gzip"]),
    "misspelt.csv": (
        csv_bytes(MISSPELT, DATA),
        ["“Subtotals” is not one of doordash_simplified", "Did you mean “Subtotal”?", "lacks “Subtotal”", "record 1"],
    ),
    "extra_column.csv": (csv_bytes([*SIMPLIFIED, "Surprise"], [*DATA, "x"]), ["“Surprise” is not one of"]),
    "missing_column.csv": (csv_bytes(SIMPLIFIED[:-1], DATA[:-1]), ["lacks “Payout ID” of doordash_simplified"]),
    "unnamed_column.csv": (csv_bytes([*SIMPLIFIED, ""], [*DATA, ""]), [f"Column {len(SIMPLIFIED) + 1}", "no name"]),
    "column_twice.csv": (csv_bytes([*SIMPLIFIED, "Store ID"], [*DATA, "x"]), ["“Store ID” stands twice"]),
    "late_header.csv": (csv_bytes(*[["x"]] * 5, SIMPLIFIED, DATA), ["None of its first 5 records is a header"]),
    "unknown.csv": (
        csv_bytes(["apples", "pears"], ["1", "2"]),
        ["of the 2 fields that it begins with none stands in one", "statement_columns.csv"],
    ),
    "semicolons.csv": (GOOD.replace(b",", b";"), ["not separated by commas"]),
    "misspelt_bank.csv": (
        csv_bytes(["ammount" if name == "amount" else name for name in BANK], ["x"] * 7),
        [
            "“ammount” is not one of bank_transactions. Did you mean “amount”?",
            "Give its columns the names that docs/raw.md has for a bank's export",
        ],
    ),
    "codes.csv": (
        csv_bytes(["exception_id", "period", "code"], ["x", "2026-10", "accepted"]),
        ["resolutions of exceptions (with exception_id and resolution_code)"],
    ),
    "cut_record.csv": (csv_bytes(SIMPLIFIED, DATA, DATA[:4]), ["last record (3)", "cut short"]),
    "cut_quote.csv": (GOOD + b'"never closed, and so\non', ["Record 3", "never closed", "cut short"]),
    "short_record.csv": (csv_bytes(SIMPLIFIED, DATA, DATA[:4], DATA), ["Record 3 has fewer fields"]),
    "long_record.csv": (csv_bytes(SIMPLIFIED, DATA, [*DATA, "x"]), ["Record 3 has 28 fields", "27 columns"]),
    "stray_quote.csv": (GOOD + b'"a"b,c', ["Record 3 is not CSV"]),
    "array.json": (b'[{"id":"1","status":"new"}]', ["JSON array", "one a line"]),
    "array.ndjson": (b'[\n{"id":"1","status":"new"},\n', ["JSON array"]),
    "spread.ndjson": (b'{\n  "id": "1",\n  "status": "new"\n}\n', ["several lines"]),
    "faults.ndjson": (b'{"fault":"short","cents":5}\n' * 3, ["none is an order document", "<schema>.<table>"]),
    "deliverys_rds_public.olo_requests.ndjson": (
        b'{"payload":"x"}\n',
        ["none is an order document", "Did you mean “deliveries_rds_public.olo_requests”?"],
    ),
    "deliveries_rds_public.olo_request.csv": (olo(), ["Did you mean “olo_requests”?"]),
    f"{EXTRACT}.missing.csv": (csv_bytes(OLO[1:], OLO_ROW[1:]), [f"lacks “id”, documented for {EXTRACT}"]),
    f"{EXTRACT}.missing.ndjson": (b'{"id":1,"type":"x"}\n', ["lacks “payload”, “created_at”"]),
    f"{EXTRACT}.capital.csv": (csv_bytes(["ID", *OLO[1:]], OLO_ROW), ["lacks “id”", "Did you mean “ID”?"]),
    f"{EXTRACT}.twice.csv": (csv_bytes([*OLO, "Id"], [*OLO_ROW, "x"]), ["“id” stands twice"]),
    f"{EXTRACT}.quoted_name.csv": (
        csv_bytes([*OLO, "it's"], [*OLO_ROW, "x"]),
        [f"The name of its column {len(OLO) + 1} cannot be a column's"],
    ),
    f"{EXTRACT}.time.csv": (olo(created_at="yesterday"), ["Row 3, column “created_at”: the value is not a timestamp"]),
    f"{EXTRACT}.date.csv": (olo(created_at="2026-02-30"), ["Row 3, column “created_at”: the value is not a timestamp"]),
    f"{EXTRACT}.flag.csv": (olo(_fivetran_deleted="maybe"), ["Row 3, column “_fivetran_deleted”: the value is not"]),
    f"{EXTRACT}.key.csv": (olo(id=""), ["Row 3, column “id”: the key of the table is null"]),
    f"{EXTRACT}.cut.csv": (olo() + b"3,X", ["Row 4 has 2 fields", "6 columns", "cut short"]),
    f"{EXTRACT}.cut.ndjson": (b'{"id":1}\n{"id":', ["Line 2 is not valid JSON"]),
    f"{EXTRACT}.list.ndjson": (b"[1]\n", ["Line 1 is not a JSON object"]),
    f"{EXTRACT}.cut.parquet": (parquet_bytes()[:-30], ["not whole Parquet"]),
    "deliveries_rds_public.doordash_references.number.csv": (
        b"delivery_id,attempt_id,created_at,_fivetran_synced,_fivetran_deleted\n1.5,a,2026-09-01,2026-09-01,f\n",
        ["Row 2, column “delivery_id”: the value is not a whole number"],
    ),
}


@pytest.fixture(scope="module")
def refusals(
    warehouse_at: Callable[[str, Path], Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Warehouse, LoadReport]:
    """Every file of REFUSED, two good ones among them, loaded in one go."""
    folder = tmp_path_factory.mktemp("refused")
    raw = folder / "raw"
    raw.mkdir()
    for name, (content, _) in REFUSED.items():
        (raw / name).write_bytes(content)
    (raw / "good.csv").write_bytes(GOOD)
    (raw / "zz good.ndjson").write_bytes(b'{"id":"1","status":"new"}\n{"id":"2","sta')
    (raw / ".DS_Store").write_bytes(b"hidden")
    warehouse = warehouse_at("duckdb", folder)
    return warehouse, warehouse.load(raw)


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_not_what_it_claims_is_refused_with_the_reason(
    name: str, refusals: tuple[Warehouse, LoadReport]
) -> None:
    (outcome,) = (outcome for outcome in refusals[1].files if outcome.path.name == name)
    assert outcome.status == "refused", outcome
    for part in REFUSED[name][1]:
        assert part in outcome.reason


def test_the_others_still_land(refusals: tuple[Warehouse, LoadReport]) -> None:
    warehouse, report = refusals
    assert [outcome.path.name for outcome in report.with_status("landed")] == ["good.csv", "zz good.ndjson"]
    assert warehouse.rows("select count(*) from payout_statements.statement_rows") == [(1,)]
    # A line that is cut short is a document that is landed and judged.
    rows = warehouse.rows("select document, document_error is null from order_api.order_documents order by 1")
    assert rows == [('{"id":"1","status":"new"}', True), ('{"id":"2","sta', False)]


def test_a_refused_extract_makes_no_table(refusals: tuple[Warehouse, LoadReport]) -> None:
    schemas = "select distinct table_schema from information_schema.tables order by 1"
    assert refusals[0].rows(schemas) == [
        *(("bank",), ("coco_close",), ("coco_load",), ("finance",), ("order_api",), ("payout_statements",))
    ]


def test_each_refusal_is_recorded_once(refusals: tuple[Warehouse, LoadReport]) -> None:
    warehouse, report = refusals
    recorded = warehouse.rows("select source_file_name, reason, source_file_hash from coco_load.refused_files")
    assert sorted(recorded) == sorted(
        (outcome.path.name, outcome.reason, outcome.content_hash) for outcome in report.with_status("refused")
    )
    keys = warehouse.rows("select count(distinct (source_file_hash, refused_at)) from coco_load.refused_files")
    assert keys == [(len(REFUSED),)]


def test_a_refusal_of_one_moment_is_another_when_it_comes_again(
    new_warehouse: Callable[[str], Warehouse], tmp_path: Path
) -> None:
    # A clock behind the last load, or a moment that is given twice.
    warehouse = new_warehouse("duckdb")
    (tmp_path / "bad.xls").write_text("hello", encoding="utf-8")
    for _ in range(2):
        warehouse.load(tmp_path / "bad.xls", loaded_at=LOADED_AT)
    keys = warehouse.rows("select count(distinct (source_file_hash, refused_at)) from coco_load.refused_files")
    assert keys == [(2,)]


def test_the_offset_is_right_beyond_the_first_block(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    # The character begins in one block and is broken in the next.
    content = b"a" * (BLOCK_BYTES - 1) + b"\xc3" + b"b" * 10
    path.write_bytes(content)
    with pytest.raises(FileRefused, match=f"byte {BLOCK_BYTES - 1} cannot be decoded"):
        inspect_file(path)


def test_a_folder_without_files_is_told(new_warehouse: Callable[[str], Warehouse], tmp_path: Path) -> None:
    (tmp_path / "nothing" / "inside").mkdir(parents=True)
    report = new_warehouse("duckdb").load(tmp_path / "nothing")
    assert [(outcome.status, outcome.reason) for outcome in report.files] == [("refused", "The folder holds no file.")]


@pytest.mark.parametrize("statement_format", sorted({f.name for f in read_formats(PROJECT)} - {"bank_transactions"}))
def test_every_format_is_recognised_by_its_header(statement_format: str, tmp_path: Path) -> None:
    columns = headers(statement_format)
    folded_differently = ["\n" + header.replace(" ", "\n") + " " for header in columns]
    path = tmp_path / "export.csv"
    path.write_bytes(b"\xef\xbb\xbf" + csv_bytes(["a description"] * len(columns), folded_differently, columns))
    export = recognise_export(inspect_file(path), read_formats(PROJECT), [])
    assert (export.format.name, export.header_number) == (statement_format, 2)
    assert list(export.header) == folded_differently


def test_a_header_that_only_a_pattern_maps_is_known(tmp_path: Path) -> None:
    columns = [*headers("doordash_detailed"), "Old fee (for historical reference only)"]
    path = tmp_path / "export.csv"
    path.write_bytes(csv_bytes(columns))
    assert recognise_export(inspect_file(path), read_formats(PROJECT), []).format.name == "doordash_detailed"


def test_a_last_row_without_an_amount_is_no_total(new_warehouse: Callable[[str], Warehouse], tmp_path: Path) -> None:
    columns = headers("ubereats_payment_details")
    last = dict.fromkeys(columns, "") | {"Markup Amount": "1.00"}
    path = tmp_path / "uber.csv"
    path.write_bytes(csv_bytes(columns, list(last.values())))
    assert new_warehouse("duckdb").load(path).rows_by_table == {"payout_statements.statement_rows": 1}


def test_rows_that_are_no_data_are_passed_over(new_warehouse: Callable[[str], Warehouse], tmp_path: Path) -> None:
    columns = headers("ubereats_payment_details")
    blank = [""] * len(columns)
    order = dict(zip(columns, blank, strict=True)) | {"Store Name": "Café “Ñ”\nNorth", "Total payout": "1.00"}
    amount_alone = dict(zip(columns, blank, strict=True)) | {"Total payout": "3.00"}
    total = amount_alone | {"Store Name": "Total", "Marketplace fee %": "15"}
    path = tmp_path / "uber.csv"
    records = [columns, list(order.values()), blank, columns, list(amount_alone.values()), list(total.values()), blank]
    path.write_bytes(csv_bytes(*records) + b"\r\n")
    warehouse = new_warehouse("duckdb")
    report = warehouse.load(path)
    rows = warehouse.rows("select source_row_number, row_data from payout_statements.statement_rows order by 1")
    # An amount alone is passed over only at the end.
    assert [(number, json.loads(data)) for number, data in rows] == [(2, order), (5, amount_alone)]
    assert report.files[0].skipped == {"repeated header rows": 1, "totals rows": 1}
    recorded = warehouse.rows("select content_kind, content_format, row_count, loaded_at from coco_load.loaded_files")
    assert recorded == [("statement", "ubereats_payment_details", 2, LOADED_AT)]

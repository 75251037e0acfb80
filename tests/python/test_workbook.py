"""The workbook: it ties, recalculates elsewhere, comes back as it was filled in, and holds no formula but its own."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from resolving import PERIOD, RESOLVED_AT, amount, build, exceptions, open_of_period
from warehouses import PROJECT, Warehouse, environment, run_command

from coco_warehouse.targets import resolve_target
from coco_warehouse.workbook.columns import EXCEPTIONS, JOURNAL, ROLLFORWARD, SHEETS
from coco_warehouse.workbook.content import Content, dashboard_link, read_content
from coco_warehouse.workbook.csv_files import write_csv_files
from coco_warehouse.workbook.sheets import write_workbook

OCTOBER = date(2026, 10, 1)
DASHBOARD = "http://localhost:8050/"
HOSTILE = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1+1", '=cmd|"/C calc"!A1', " =1+1", "\uff1d1+1", "http://example.org"]

Copies = Callable[[str], Warehouse]


def content_of(warehouse: Warehouse, period: date = OCTOBER) -> Content:
    with environment(warehouse.environment):
        return read_content(resolve_target(warehouse.target, warehouse.folder, PROJECT), period, DASHBOARD)


@pytest.fixture
def content(duckdb_warehouse: Warehouse) -> Content:
    return content_of(duckdb_warehouse)


def cells(path: Path, sheet: str, computed: bool = True) -> list[tuple[Any, ...]]:
    return list(load_workbook(path, data_only=computed)[sheet].iter_rows(values_only=True))


def formulas(path: Path) -> dict[str, list[str]]:
    """The formulas of each sheet."""
    return {
        sheet.title: [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        for sheet in load_workbook(path)
    }


def test_every_sheet_is_there_and_holds_its_mart(content: Content, tmp_path: Path, duckdb_warehouse: Warehouse) -> None:
    write_workbook(content, tmp_path / "w.xlsx")
    book = load_workbook(tmp_path / "w.xlsx")
    assert book.sheetnames == ["summary", *(plan.name for plan in SHEETS)]
    for plan in SHEETS:
        sheet = book[plan.name]
        assert [cell.value for cell in sheet[1]] == [column.heading for column in plan.columns]
        (table,) = sheet.tables.values()
        assert table.displayName == plan.table
        assert sheet.max_row == max(len(content.rows(plan)), 1) + 1 or plan.name == "history"
    ((entries,),) = duckdb_warehouse.rows(
        f"select count(*) from coco_marts.journal_entries where period_month_date = date '{OCTOBER}'"
    )
    assert len(content.rows(JOURNAL)) == entries > 0
    assert {row["exception_id"] for row in open_of_period(duckdb_warehouse)} <= {
        row["exception_id"] for row in content.rows(EXCEPTIONS)
    }


def test_every_exception_says_what_it_is_about(content: Content, duckdb_warehouse: Warehouse) -> None:
    rows = content.rows(EXCEPTIONS)
    unsaid = {row["subject_type"] for row in rows if not row["about"]}
    assert unsaid <= {"pay_period"}
    transactions = {name for (name,) in duckdb_warehouse.rows("select bank_transaction_id from coco_marts.deposits")}
    deposits = [row["about"] for row in rows if row["subject_type"] == "deposit"]
    assert deposits
    assert set(deposits) <= transactions | {
        name for (name,) in duckdb_warehouse.rows("select deposit_id from coco_marts.deposits")
    }


def test_the_summary_ties_to_zero_and_to_the_marts(content: Content, tmp_path: Path) -> None:
    write_workbook(content, tmp_path / "w.xlsx")
    rows = cells(tmp_path / "w.xlsx", "summary")
    assert rows[3][:3] == ("All differences", 0, "it ties")
    heading = next(number for number, row in enumerate(rows) if row[0] == "Currency")
    shown = {row[0]: row[1:7] for row in rows[heading + 1 : heading + 4]}
    names = ("opening_cents", "new_cents", "remeasured_cents", "cleared_cents", "written_off_cents", "closing_cents")
    assert set(shown) == {"CAD", "EUR", "USD"}
    for currency, amounts in shown.items():
        of_currency = [row for row in content.rows(ROLLFORWARD) if row["currency_code"] == currency]
        totals = [sum(row[name] for row in of_currency) for name in names]
        assert [Decimal(str(value)) * 100 for value in amounts] == totals
        assert any(totals)
    # Every amount of the summary is live.
    assert len(formulas(tmp_path / "w.xlsx")["summary"]) > 40


def test_a_difference_is_shown(content: Content, tmp_path: Path) -> None:
    row = content.rows(ROLLFORWARD)[0]
    row["closing_cents"] += 1  # type: ignore[index]
    write_workbook(content, tmp_path / "w.xlsx")
    rows = cells(tmp_path / "w.xlsx", "summary")
    assert rows[3][2] == "IT DOES NOT TIE"
    assert rows[3][1] == pytest.approx(0.02)


def test_amounts_are_written_exactly(content: Content, tmp_path: Path) -> None:
    rows = content.rows(EXCEPTIONS)
    odd = [1, -1, 10, 29, 57, -115, 1001, 99_999_999_999_999, -(2**53 - 1)]
    for row, cents in zip(rows, odd, strict=False):
        row["open_cents"] = cents  # type: ignore[index]
    write_workbook(content, tmp_path / "w.xlsx")
    with zipfile.ZipFile(tmp_path / "w.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
    column = chr(ord("A") + EXCEPTIONS.position("open_cents"))
    for number, cents in enumerate(odd, start=2):
        (value,) = re.findall(rf'<c r="{column}{number}"[^>]*><v>([^<]*)</v>', sheet)
        assert value == amount(cents)
    formats = load_workbook(tmp_path / "w.xlsx")["exceptions"][f"{column}2"].number_format
    assert formats == "#,##0.00;(#,##0.00)"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_formula(content: Content, tmp_path: Path, text: str) -> None:
    for plan in SHEETS:
        for row in content.rows(plan)[:2]:
            for column in plan.columns:
                if column.kind == "text" and isinstance(row.get(column.name), str):
                    row[column.name] = text  # type: ignore[index]
    path = tmp_path / "w.xlsx"
    write_workbook(content, path)
    assert {name for name, found in formulas(path).items() if found} == {"summary"}
    shown = cells(path, "exceptions")
    assert text in shown[1]
    with zipfile.ZipFile(path) as archive:
        links = archive.read("xl/worksheets/_rels/sheet2.xml.rels").decode()
    assert "example.org" not in links
    for file in write_csv_files(content, tmp_path / "csv"):
        with file.open(encoding="utf-8-sig", newline="") as opened:
            fields = [field for row in csv.reader(opened) for field in row]
        wrong = [f for f in fields if f.lstrip().startswith(("=", "+", "@", "\uff1d")) or f.startswith("\t")]
        assert wrong == []
        assert [f for f in fields if f.startswith("-") and not re.fullmatch(r"-[0-9]+(\.[0-9]{2})?", f)] == []


def test_codes_are_chosen_from_a_list_and_links_lead_to_the_dashboard(content: Content, tmp_path: Path) -> None:
    write_workbook(content, tmp_path / "w.xlsx")
    sheet = load_workbook(tmp_path / "w.xlsx")["exceptions"]
    (validation,) = sheet.data_validations.dataValidation
    assert validation.formula1 == f'"{",".join(content.codes)}"'
    assert "written_off" in content.codes
    place = EXCEPTIONS.position("resolution_code") + 1
    assert sheet.cell(2, place).coordinate in validation.sqref
    targets = {cell.hyperlink.target for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert targets == {row["link"] for row in content.rows(EXCEPTIONS)}
    assert all(target.startswith("http://localhost:8050/") and "//" not in target[7:] for target in targets)
    order = {"subject_type": "order", "order_id": "a/b?c", "merchant_id": "m", "payout_id": None}
    assert dashboard_link(order, DASHBOARD) == "http://localhost:8050/order/a%2Fb%3Fc"
    assert dashboard_link(order, None) is None


def recalculated(path: Path, folder: Path) -> Path:
    """Open a workbook in LibreOffice, which works every formula out anew, and save it again."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">'
        "<value>0</value></prop></item></oor:items>",
        encoding="utf-8",
    )
    subprocess.run(
        [
            *("soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless"),
            *("--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"), str(path)),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return folder / "out" / path.name


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice (soffice) is not installed")
def test_libreoffice_opens_it_and_comes_to_the_same_totals(content: Content, tmp_path: Path) -> None:
    path, spoilt = tmp_path / "w.xlsx", tmp_path / "spoilt.xlsx"
    write_workbook(content, path)
    # Without their cached values the formulas can only give what LibreOffice works out itself.
    with zipfile.ZipFile(path) as original, zipfile.ZipFile(spoilt, "w") as copy:
        for name in original.namelist():
            part = original.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text, count = re.subn(r"(</f>)<v>[^<]*</v>", r"\1<v>777</v>", part.decode())
                assert count > 40
                part = text.encode()
            copy.writestr(name, part)
    assert cells(spoilt, "summary")[3][1] == 777
    opened = recalculated(spoilt, tmp_path)
    for sheet in load_workbook(path).sheetnames:
        before, after = cells(path, sheet), cells(opened, sheet)
        for number, (expected, found) in enumerate(zip(before, after, strict=True), start=1):
            for left, right in zip(expected, found, strict=True):
                assert not str(right).startswith(("#", "Err:")) or left == right, (sheet, number, right)
                if isinstance(left, float | int) and not isinstance(left, bool):
                    assert right == pytest.approx(left, abs=0.001), (sheet, number)
                else:
                    assert (right or None) == (left or None), (sheet, number)


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_what_is_filled_in_comes_back(built_copy: Copies, tmp_path: Path, engine: str) -> None:
    warehouse = built_copy(engine)
    before = exceptions(warehouse)
    path = tmp_path / "w.xlsx"
    write_workbook(content_of(warehouse), path)
    book = load_workbook(path)
    sheet = book["exceptions"]
    headings = [cell.value for cell in sheet[1]]
    chosen = {}
    for number, code in [(2, "written_off"), (5, "accepted"), (9, "disputed"), (sheet.max_row, "corrected")]:
        values = {"Resolution code": code, "Reason": f"see row {number}", "Resolved by": "A. Controller"}
        for heading, value in values.items():
            sheet.cell(number, headings.index(heading) + 1).value = value
        chosen[sheet.cell(number, 1).value] = code
    book.save(path)
    report = warehouse.load(path, loaded_at=RESOLVED_AT)
    assert [(file.status, file.row_count, file.rejected_rows) for file in report.files] == [("landed", 4, [])]
    build(warehouse).assert_succeeded()
    after = exceptions(warehouse)
    statuses = {"written_off": "written_off", "accepted": "resolved", "disputed": "in_dispute", "corrected": "resolved"}
    changed = {key: row["status"] for key, row in after.items() if row != before[key]}
    assert changed == {key: statuses[code] for key, code in chosen.items()}
    # Loaded back unchanged after the build, it resolves nothing more.
    write_workbook(content_of(warehouse), tmp_path / "next.xlsx")
    assert cells(tmp_path / "next.xlsx", "summary")[3][2] == "it ties"
    again = warehouse.load(tmp_path / "next.xlsx", loaded_at=RESOLVED_AT)
    assert [(file.row_count, file.rejected_rows) for file in again.files] == [(0, [])]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice (soffice) is not installed")
def test_it_comes_back_when_libreoffice_saved_it(built_copy: Copies, tmp_path: Path) -> None:
    warehouse = built_copy("duckdb")
    path = tmp_path / "w.xlsx"
    write_workbook(content_of(warehouse), path)
    book = load_workbook(path)
    sheet = book["exceptions"]
    headings = [cell.value for cell in sheet[1]]
    entered = {"Resolution code": "accepted", "Reason": "fine", "Resolved by": "A. Controller"}
    for heading, value in entered.items():
        sheet.cell(3, headings.index(heading) + 1).value = value
    book.save(path)
    report = warehouse.load(recalculated(path, tmp_path), loaded_at=RESOLVED_AT)
    assert [(file.row_count, file.rejected_rows) for file in report.files] == [(1, [])]
    assert warehouse.rows("select exception_id from finance.exception_resolutions") == [(sheet.cell(3, 1).value,)]


def test_csv_files_come_back_too(built_copy: Copies, tmp_path: Path) -> None:
    warehouse = built_copy("duckdb")
    content = content_of(warehouse)
    files = {path.name: path for path in write_csv_files(content, tmp_path / "out")}
    assert set(files) == {f"{plan.table}-{PERIOD}.csv" for plan in SHEETS}
    path = files[f"exceptions-{PERIOD}.csv"]
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(content.rows(EXCEPTIONS))
    rows[3] |= {"resolution_code": "accepted", "reason": "fine", "resolved_by": "A. Controller"}
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    report = warehouse.load(path, loaded_at=RESOLVED_AT)
    assert [(file.row_count, file.rejected_rows) for file in report.files] == [(1, [])]
    assert report.files[0].skipped == {"rows that resolve nothing": len(rows) - 1}


def test_the_command_writes_it_and_never_over_a_file(duckdb_warehouse: Warehouse, tmp_path: Path) -> None:
    where = ["--target", duckdb_warehouse.target, "--profiles-dir", str(duckdb_warehouse.folder)]
    where += ["--project-dir", str(PROJECT)]

    def coco(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_command("coco", "workbook", *where, *arguments, folder=tmp_path, **duckdb_warehouse.environment)

    first = coco("--period", PERIOD)
    assert first.returncode == 0, first.stderr
    path = tmp_path / f"reconciliation-{PERIOD}.xlsx"
    assert f"Written: {path.name}" in first.stdout
    written = path.read_bytes()
    second = coco("--period", PERIOD)
    assert second.returncode == 1
    assert "exists, and somebody may have filled it in" in second.stderr
    assert path.read_bytes() == written
    assert coco("--period", "October").returncode == 2
    (tmp_path / "dangling.xlsx").symlink_to(tmp_path / "nofolder" / "w.xlsx")
    for arguments, told in (
        (("--period", PERIOD, "--out", "nofolder/w.xlsx"), "There is no folder nofolder to write w.xlsx to."),
        (("--period", PERIOD, "--out", "dangling.xlsx"), "dangling.xlsx cannot be written: "),
        (("--period", PERIOD, "--out", "w.csv"), "w.csv does not end in .xlsx"),
        (("--period", "2999-01"), "2999-01 has not begun"),
        (("--period", "2999-01", "--csv", "tables"), "2999-01 has not begun"),
    ):
        refused = coco(*arguments)
        assert refused.returncode in (1, 2)
        assert "Traceback" not in refused.stderr
        assert told in " ".join(refused.stderr.split())
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["dangling.xlsx", path.name]
    assert "begins with http://" in coco("--period", PERIOD, "--dashboard", "javascript:alert(1)").stderr


def test_a_month_without_exceptions_is_a_workbook_too(duckdb_warehouse: Warehouse, tmp_path: Path) -> None:
    content = content_of(duckdb_warehouse, date(2020, 2, 1))
    assert content.rows(EXCEPTIONS) == []
    write_workbook(content, tmp_path / "w.xlsx")
    assert cells(tmp_path / "w.xlsx", "summary")[3][2] == "it ties"

"""The journal of weeks made by hand, to the cent: what is earned, claimed, paid out, deposited and written off."""

from __future__ import annotations

import csv
import json
import pickle
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cases import MONDAY, Kit, Stage, Store, WorkedWeek, worked_week
from warehouses import LOADED_AT, Warehouse, create_database, made_once, run_command, with_own_file

from coco_warehouse.journal_export import (
    XERO_LINES,
    JournalError,
    JournalLine,
    quickbooks_rows,
    write_quickbooks,
    write_xero,
    xero_rows,
)

RAW_SCHEMAS = ("config_rds_public", "deliveries_rds_public", "deliveriesv3prod_rds_public")
SELECTED = (
    *("+journal_entries", "+clearing_rollforward", "+transit_rollforward"),
    *("+reconciliation_exceptions", "+exception_history", "+deposit_breaks"),
    *("+merchant_reconciliation", "+closed_periods"),
)
DIRECT = {"processing_rate_bps": 290, "processing_fixed_cents": 30, "processing_base": "receipts"}
PAYDAY, DEPOSIT_DAY = date(2026, 9, 24), date(2026, 9, 25)

Row = tuple[Any, ...]
# Debits and credits of an account.
Sides = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Weeks:
    """What stands on the stage: the worked week, and stores of what it does not show."""

    worked: WorkedWeek
    carrying: Store
    misdirected: Store
    moving: Store
    unpaid: Store
    direct: Store
    doubled: Store
    doubled_receipt: Store
    other_currency: Store


def payee(store: Store, account: str, entity: str, role: str, start: str, end: str) -> dict[str, str]:
    return {
        "platform": store.platform, "platform_store_id": store.platform_store_id, "bank_account_id": account,
        "legal_entity": entity, "currency_code": "USD", "merchant_of_record": role, "valid_from": start,
        "valid_to": end, "recorded_on": "2026-01-01",
    }  # fmt: skip


def stage_weeks(stage: Stage) -> Weeks:
    worked = worked_week(stage)

    # An error charge takes more than the sale brings: 500 are carried into the next payout.
    carrying = stage.store(name="Carrying", schedule={}, withheld_bps=0)
    first = stage.order(carrying, items=1000)
    stage.line(first, payout="CARRY1", paid_on=PAYDAY, sales=1000)
    stage.line(first, "error_charge", payout="CARRY1", paid_on=PAYDAY, error_charge=-1500)
    second = stage.order(carrying, items=2000, local=MONDAY + timedelta(days=7))
    stage.line(second, payout="CARRY2", paid_on=PAYDAY + timedelta(days=7), sales=2000)
    stage.deposit("coco-operating-usd", DEPOSIT_DAY + timedelta(days=7), 1500, "DOORDASH PAYOUT", "CARRY2")

    # A payout of a merchant who is paid himself, at Coco's account.
    misdirected = stage.store(name="Misdirected", schedule={}, withheld_bps=0)
    stage.kit.seeds["payee_accounts"].append(
        payee(misdirected, "own-usd", "Merchant of its own", "merchant", "2020-01-01", "")
    )
    stage.line(stage.order(misdirected, items=3000), payout="ASTRAY", paid_on=PAYDAY, sales=3000)
    stage.deposit("coco-operating-usd", DEPOSIT_DAY, 3000, "DOORDASH PAYOUT", "ASTRAY")

    # Another entity of Coco's is paid from the day before the payout on.
    moving = stage.store(name="Moving", schedule={}, withheld_bps=0)
    stage.kit.seeds["payee_accounts"] += [
        payee(moving, "coco-operating-usd", "Coco US", "coco", "2020-01-01", "2026-09-22"),
        payee(moving, "coco-west-usd", "Coco West", "coco", "2026-09-23", ""),
    ]
    stage.kit.seeds["legal_entities"] = [
        {
            "legal_entity": "Coco West", "currency_code": "USD", "bears_delivery_costs": "false",
            "tax_rate_name": "Tax Exempt", "recorded_on": "2026-01-01",
        }
    ]  # fmt: skip
    stage.line(stage.order(moving, items=4000), payout="MOVING", paid_on=PAYDAY, sales=4000)
    stage.deposit("coco-west-usd", DEPOSIT_DAY, 4000, "DOORDASH PAYOUT", "MOVING")

    # A statement that lacks one of two orders.
    unpaid = stage.store(name="Unpaid", schedule={}, withheld_bps=0)
    stage.line(stage.order(unpaid, items=5000), payout="UNPAID", paid_on=PAYDAY, sales=5000)
    stage.order(unpaid, items=700)
    stage.deposit("coco-operating-usd", DEPOSIT_DAY, 5000, "DOORDASH PAYOUT", "UNPAID")

    # Direct orders, each one card receipt. The first has all parts and a discount whose funder nothing names; the
    # second is of the schema before, and its parts lack 40 of its total. A refund says nothing of what it gives back.
    direct = stage.store("olo", name="Direct", schedule=DIRECT)
    first = stage.order(
        direct, items=2000, tax=160, tip=300, delivery_fee=250, delivery_fee_tax=20, bag_fee=10, discount=205,
        change=partial(adds_to_the_total, 200, "smallOrder"),
    )  # fmt: skip
    second = stage.order(direct, items=1000, tax=80, has_financials=False, change=partial(adds_to_the_total, 40, ""))
    stage.line(first, payout="DIRECT", paid_on=PAYDAY, gross=2735, processing_fee=-109)
    stage.line(second, payout="DIRECT", paid_on=PAYDAY, gross=1120, processing_fee=-62)
    stage.line(first, "refund", payout="DIRECT", paid_on=PAYDAY, gross=-500)
    stage.deposit("coco-operating-usd", DEPOSIT_DAY, 3184, "STRIPE PAYOUT", "DIRECT")

    # Lines that cannot be set beside an order: two that fit two documents each, the second naming no store, and one in
    # another currency than its document.
    doubled = stage.store(name="Doubled", schedule={}, withheld_bps=0)
    first = stage.order(doubled, items=6000)
    stage.order(doubled, items=6000, same_as=first, local=MONDAY + timedelta(hours=1))
    stage.line(first, payout="DOUBLED", paid_on=PAYDAY, cells={"POS order ID": "NULL"}, sales=6000)
    stage.deposit("coco-operating-usd", DEPOSIT_DAY, 6000, "DOORDASH PAYOUT", "DOUBLED")
    doubled_receipt = stage.store("native", name="Doubled receipt", schedule={})
    first = stage.order(doubled_receipt, items=1500, tax=120)
    stage.order(doubled_receipt, items=1500, tax=120, same_as=first, local=MONDAY + timedelta(hours=1))
    stage.line(first, payout="DOUBLED2", paid_on=PAYDAY, gross=1620)
    stage.deposit("coco-operating-usd", DEPOSIT_DAY, 1620, "STRIPE PAYOUT", "DOUBLED2")
    other_currency = stage.store(name="Other currency", schedule={}, withheld_bps=0)
    october = MONDAY + timedelta(days=21)
    order = stage.order(other_currency, items=800, currency="CAD", local=october)
    stage.line(order, payout="OTHER", paid_on=PAYDAY + timedelta(days=21), sales=700)
    stage.deposit("coco-operating-usd", DEPOSIT_DAY + timedelta(days=21), 700, "DOORDASH PAYOUT", "OTHER")
    return Weeks(worked, carrying, misdirected, moving, unpaid, direct, doubled, doubled_receipt, other_currency)


def adds_to_the_total(cents: int, fee: str, document: dict[str, Any]) -> None:
    """Let a document's total hold more: a fee that it names, or what it names nowhere."""
    document["details"]["total"] += cents
    if fee:
        document["rawPlatformFinancials"]["fees"][fee] = cents


@dataclass(frozen=True)
class Books:
    """What the marts said of the weeks at one time."""

    journal: Sequence[Mapping[str, Any]]
    clearing: Sequence[Mapping[str, Any]]
    transit: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, warehouse: Warehouse) -> Books:
        return cls(
            *(
                marts_rows(warehouse, mart)
                for mart in ("journal_entries", "clearing_rollforward", "transit_rollforward")
            )
        )

    def posted(self, merchant: str | None, entity: str = "Coco US", entry_type: str | None = None) -> Sides:
        """Debits and credits by account of a merchant's lines, of one kind of entry or of all."""
        sides: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for line in self.journal:
            wanted = (line["merchant_id"], line["legal_entity"]) == (merchant, entity)
            if wanted and entry_type in (None, line["entry_type"]):
                sides[line["account_name"]][0] += line["debit_cents"]
                sides[line["account_name"]][1] += line["credit_cents"]
        return {account: (debit, credit) for account, (debit, credit) in sides.items()}

    def of_payout(self, payout: str, entity: str = "Coco US") -> Sides:
        """Debits and credits by account of a payout's or deposit's entry."""
        return {
            line["account_name"]: (line["debit_cents"], line["credit_cents"])
            for line in self.journal
            if line["source_id"] == payout and line["legal_entity"] == entity
        }


def marts_rows(warehouse: Warehouse, mart: str) -> list[dict[str, Any]]:
    columns = [
        name
        for (name,) in warehouse.rows(
            "select column_name from information_schema.columns"
            f" where table_schema = 'coco_marts' and table_name = '{mart}' order by ordinal_position"
        )
    ]
    return [
        dict(zip(columns, row, strict=True))
        for row in warehouse.rows(f"select {', '.join(columns)} from coco_marts.{mart}")
    ]


def last(rows: Sequence[Mapping[str, Any]], merchant: str | None, entity: str = "Coco US") -> dict[str, Any]:
    """The totals of a roll-forward of a merchant, over its months, with the last closing."""
    found = sorted(
        (row for row in rows if (row["merchant_id"], row["legal_entity"]) == (merchant, entity)),
        key=lambda row: row["period_month_date"],
    )
    totals: Counter[str] = Counter()
    for row in found:
        totals.update({name: value for name, value in row.items() if name.endswith("_cents")})
    return {**totals, "opening_cents": found[0]["opening_cents"], "closing_cents": found[-1]["closing_cents"]}


@dataclass(frozen=True)
class Told:
    """The weeks, and the books before and after a missing order and a short deposit are written off."""

    weeks: Weeks
    warehouse: Warehouse
    before: Books
    after: Books


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def told(request: pytest.FixtureRequest, run_folder: Path, warehouse_at: Callable[[str, Path], Warehouse]) -> Told:
    kit = Kit()
    weeks = stage_weeks(Stage(kit, "journal"))

    def at(folder: Path) -> Warehouse:
        return replace(warehouse_at(request.param, folder), project=folder / "project")

    def make(folder: Path) -> None:
        warehouse = at(folder)
        create_database(warehouse)
        kit.write_project(warehouse.project)
        kit.write_raw(folder / "raw")
        warehouse.load(folder / "raw")
        for schema in RAW_SCHEMAS:
            warehouse.create_empty_tables(schema)
        warehouse.dbt("build", "--select", *SELECTED).assert_succeeded()
        before = Books.of(warehouse)
        write_off(warehouse, folder / "resolutions.csv")
        warehouse.dbt("build", "--select", *SELECTED).assert_succeeded()
        # Another process of the run may be the one that asks.
        (folder / "books.pickle").write_bytes(pickle.dumps((before, Books.of(warehouse))))

    warehouse = at(made_once(run_folder / f"journal_{request.param}", make))
    before, after = pickle.loads((warehouse.folder / "books.pickle").read_bytes())
    return Told(weeks, warehouse, before, after)


def write_off(warehouse: Warehouse, file: Path) -> None:
    """Write the missing order and the short deposit off, as finance does."""
    found = warehouse.rows(
        "select exception_id, open_cents from coco_marts.reconciliation_exceptions"
        " where break_class in ('missing_in_statement', 'short_deposit')"
        " or (break_class in ('ambiguous', 'currency_mismatch') and statement_line_id is null)"
    )
    # Of what was earned in excess nothing is open in the books: writing it off posts nothing.
    assert len(found) == 7
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(
            [
                *("exception_id", "period", "open_amount", "resolution_code"),
                *("reason", "resolved_by", "evidence_reference"),
            ]
        )
        for exception, cents in found:
            amount = f"{Decimal(cents) / 100:.2f}"
            writer.writerow([exception, "2026-11", amount, "written_off", "will not come", "controller", "memo 1"])
    report = warehouse.load(file, loaded_at=LOADED_AT + timedelta(hours=1))
    assert [(outcome.status, outcome.reason, outcome.rejected_rows) for outcome in report.files] == [("landed", "", [])]


def test_the_worked_week(told: Told) -> None:
    merchant = told.weeks.worked.store.merchant_id
    assert told.before.posted(merchant, entry_type="earned") == {
        "Platform clearing": (75_200, 0), "Commission": (18_800, 0), "Discounts": (10_000, 0),
        "Sales tax payable": (8000, 8000), "Sales": (0, 100_000), "Platform funding": (0, 4000),
    }  # fmt: skip
    assert told.before.posted(merchant, entry_type="claims") == {
        "Refunds": (2500, 0), "Sales tax payable": (200, 200), "Advertising": (3000, 0), "Platform clearing": (0, 5500),
    }  # fmt: skip
    assert told.before.posted(merchant, entry_type="payout") == {
        "Payouts in transit": (69_700, 0), "Platform clearing": (0, 69_700),
    }  # fmt: skip
    assert told.before.posted(merchant, entry_type="bank") == {"Payouts in transit": (0, 69_200)}
    [bank] = [line for line in told.before.journal if line["debit_cents"] == 69_200]
    assert (bank["account_name"], bank["entry_type"], bank["entry_date"]) == (
        "Bank operating USD", "bank", told.weeks.worked.deposited_on,
    )  # fmt: skip
    clearing, transit = (last(rows, merchant) for rows in (told.before.clearing, told.before.transit))
    assert clearing == {
        "opening_cents": 0, "expected_cents": 75_200, "claims_booked_cents": -5500, "payouts_cents": 69_700,
        "written_off_cents": 0, "closing_cents": 0,
    }  # fmt: skip
    assert transit == {
        "opening_cents": 0, "due_cents": 69_700, "deposited_cents": 69_200, "written_off_cents": 0,
        "closing_cents": 500,
    }  # fmt: skip


def test_a_day_is_an_entry(told: Told) -> None:
    merchant = told.weeks.worked.store.merchant_id
    days: dict[date, set[str]] = defaultdict(set)
    totals: Counter[date] = Counter()
    for line in told.before.journal:
        if line["merchant_id"] == merchant and line["entry_type"] == "earned":
            days[line["entry_date"]].add(line["journal_entry_id"])
            totals[line["entry_date"]] += line["debit_cents"]
    assert totals == {MONDAY.date() + timedelta(days=number): 28_000 for number in range(4)}
    assert all(len(entries) == 1 for entries in days.values())


def test_what_is_carried_forward_stays_in_clearing(told: Told) -> None:
    merchant = told.weeks.carrying.merchant_id
    assert told.before.of_payout("doordash:CARRY1") == {}
    assert told.before.of_payout("doordash:CARRY2") == {
        "Payouts in transit": (1500, 0), "Platform clearing": (0, 1500),
    }  # fmt: skip
    assert last(told.before.clearing, merchant)["closing_cents"] == 0
    assert last(told.before.transit, merchant)["closing_cents"] == 0


def test_only_coco_has_a_journal(told: Told) -> None:
    assert {line["legal_entity"] for line in told.before.journal} == {"Coco US", "Coco West"}
    merchant = told.weeks.misdirected.merchant_id
    # Its money is at Coco's bank, and owed.
    assert told.before.posted(merchant) == {"Payouts in transit": (0, 3000)}
    assert last(told.before.transit, merchant)["closing_cents"] == -3000
    assert merchant not in {row["merchant_id"] for row in told.before.clearing}


def test_another_payee_settles_between_entities(told: Told) -> None:
    merchant = told.weeks.moving.merchant_id
    assert told.before.posted(merchant) == {
        "Platform clearing": (4000, 4000), "Sales": (0, 4000), "Due between entities": (4000, 0),
    }  # fmt: skip
    assert told.before.posted(merchant, "Coco West") == {
        "Payouts in transit": (4000, 4000), "Due between entities": (0, 4000),
    }  # fmt: skip
    # No row of the chart of accounts names its account.
    assert told.before.posted(None, "Coco West") == {"Bank": (4000, 0)}


def test_receipts_of_direct_orders_are_divided_by_their_documents(told: Told) -> None:
    merchant = told.weeks.direct.merchant_id
    assert told.before.posted(merchant, entry_type="earned") == {
        "Platform clearing": (3684, 0), "Processing fees": (171, 0), "Discounts": (205, 0), "Sales": (0, 3210),
        "Sales tax payable": (0, 260), "Tips payable": (0, 300), "Delivery revenue": (0, 250), "Suspense": (0, 40),
    }  # fmt: skip
    # No statement says what a refund gives back: it stays whole.
    assert told.before.posted(merchant, entry_type="claims") == {"Refunds": (500, 0), "Platform clearing": (0, 500)}
    assert last(told.before.clearing, merchant)["closing_cents"] == 0
    [reconciled] = [
        row for row in marts_rows(told.warehouse, "merchant_reconciliation") if row["merchant_id"] == merchant
    ]
    assert (reconciled["sales_cents"], reconciled["expected_cents"], reconciled["order_count"]) == (3000, 3684, 2)


def test_what_cannot_be_set_beside_its_order_is_revenue_once(told: Told) -> None:
    merchant = told.weeks.doubled.merchant_id
    assert told.before.posted(merchant) == {
        "Platform clearing": (12_000, 12_000), "Sales": (12_000, 18_000), "Payouts in transit": (6000, 6000),
    }  # fmt: skip
    # The receipt says nothing of its tax; the documents, which say it, are taken back whole.
    merchant = told.weeks.doubled_receipt.merchant_id
    assert told.before.posted(merchant) == {
        "Platform clearing": (3240, 3240), "Sales": (3000, 4620), "Sales tax payable": (240, 240),
    }  # fmt: skip
    merchant = told.weeks.other_currency.merchant_id
    assert told.before.posted(merchant) == {
        "Platform clearing": (1500, 1500), "Sales": (800, 1500), "Payouts in transit": (700, 700),
    }  # fmt: skip
    stores = (told.weeks.doubled, told.weeks.doubled_receipt, told.weeks.other_currency)
    for books in (told.before, told.after):
        closings = {
            (row["merchant_id"], row["currency_code"]): row["closing_cents"]
            for row in sorted(books.clearing, key=lambda row: row["period_month_date"])
            if row["merchant_id"] in {store.merchant_id for store in stores}
        }
        assert len(closings) == 4 and set(closings.values()) == {0}


def test_writing_off_clears_what_is_open(told: Told) -> None:
    worked, unpaid = told.weeks.worked.store.merchant_id, told.weeks.unpaid.merchant_id
    assert last(told.before.clearing, unpaid)["closing_cents"] == 700
    assert last(told.after.clearing, unpaid)["closing_cents"] == 0
    assert last(told.after.clearing, unpaid)["written_off_cents"] == 700
    assert last(told.after.transit, worked)["closing_cents"] == 0
    assert last(told.after.transit, worked)["written_off_cents"] == 500
    assert told.after.posted(unpaid, entry_type="write_off") == {"Write-offs": (700, 0), "Platform clearing": (0, 700)}
    assert told.after.posted(worked, entry_type="write_off") == {"Write-offs": (500, 0), "Payouts in transit": (0, 500)}
    # Nothing else moved.
    written_off = [line for line in told.after.journal if line["entry_type"] == "write_off"]
    assert len(told.after.journal) == len(told.before.journal) + len(written_off) == len(told.before.journal) + 4


def test_numbers_run_from_1_in_each_entity_and_month(told: Told) -> None:
    numbers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for line in told.after.journal:
        month = line["period_month_date"].strftime("%Y-%m")
        assert line["entry_number"].startswith(f"{month}-")
        numbers[line["legal_entity"], month].add(line["entry_number"])
    for (_, month), found in numbers.items():
        assert sorted(found) == [f"{month}-{number:06d}" for number in range(1, len(found) + 1)]


def test_a_second_build_posts_the_same(told: Told, tmp_path: Path) -> None:
    own = with_own_file(told.warehouse, tmp_path)
    own.dbt("run", "--select", "journal_postings", "journal_entries").assert_succeeded()
    assert sorted(map(json_line, Books.of(own).journal)) == sorted(map(json_line, told.after.journal))


def json_line(line: Mapping[str, Any]) -> str:
    return json.dumps(line, default=str, sort_keys=True)


def exported(told: Told, file_format: str, folder: Path) -> list[list[dict[str, str]]]:
    """Write September as a user does, and read it back."""
    run = run_command(
        *("coco", "journal", "--period", "2026-09", "--format", file_format, "--out", str(folder / "journal.csv")),
        *("--target", told.warehouse.target, "--profiles-dir", str(told.warehouse.folder)),
        *("--project-dir", str(told.warehouse.project)),
        folder=folder,
        **told.warehouse.environment,
    )
    assert run.returncode == 0, run.stderr
    assert "2026-09 is not closed: " in run.stdout
    files = sorted(folder.glob("*.csv"))
    assert [file.name for file in files] == ["journal-coco-us-usd.csv", "journal-coco-west-usd.csv"]
    parsed = []
    for file in files:
        with file.open(encoding="utf-8", newline="") as opened:
            parsed.append(list(csv.DictReader(opened)))
    return parsed


def in_september(told: Told, entity: str) -> Counter[tuple[str, str, date, int]]:
    return Counter(
        (line["entry_number"], line["account_code"], line["entry_date"], line["debit_cents"] - line["credit_cents"])
        for line in told.after.journal
        if line["legal_entity"] == entity and line["period_month_date"] == date(2026, 9, 1)
    )


def test_quickbooks_reads_back_to_the_cent(told: Told, tmp_path: Path) -> None:
    codes = {line["account_name"]: line["account_code"] for line in told.after.journal}
    for entity, rows in zip(("Coco US", "Coco West"), exported(told, "quickbooks", tmp_path), strict=True):
        found: Counter[tuple[str, str, date, int]] = Counter()
        for row in rows:
            assert (row["Debits"] == "") != (row["Credits"] == "")
            day = datetime.strptime(row["JournalDate"], "%m/%d/%Y").date()
            cents = int(Decimal(row["Debits"] or "0") * 100) - int(Decimal(row["Credits"] or "0") * 100)
            found[row["JournalNo"], codes[row["AccountName"]], day, cents] += 1
            assert row["Currency"] == "USD"
        assert found == in_september(told, entity)


def test_xero_reads_back_to_the_cent(told: Told, tmp_path: Path) -> None:
    for entity, rows in zip(("Coco US", "Coco West"), exported(told, "xero", tmp_path), strict=True):
        found: Counter[tuple[str, str, date, int]] = Counter()
        for row in rows:
            day = datetime.strptime(row["*Date"], "%d %b %Y").date()
            number = row["*Narration"].split()[0]
            found[number, row["*AccountCode"], day, int(Decimal(row["*Amount"]) * 100)] += 1
            assert row["*TaxRate"] == "Tax Exempt"
        assert found == in_september(told, entity)


def line_of(number: int, debit: int, credit: int, **other: str) -> JournalLine:
    texts = {"legal_entity": "Coco US", "account_code": "1100", "account_name": "Clearing", "description": "x", **other}
    return JournalLine(
        currency_code="USD", entry_number=f"2026-10-{number:06d}", entry_date=date(2026, 10, 1), debit_cents=debit,
        credit_cents=credit, **texts,
    )  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", "  =1", "\uff1d1"])
def test_no_text_is_a_formula_and_every_number_stays_one(text: str) -> None:
    lines = [line_of(1, 123_456, 0, description=text), line_of(1, 0, 123_456, account_name=text)]
    quickbooks, xero = quickbooks_rows(lines), xero_rows(lines, text)
    assert [row[3:5] for row in quickbooks[1:]] == [["1234.56", ""], ["", "1234.56"]]
    assert [row[5] for row in xero[1:]] == ["1234.56", "-1234.56"]
    for cell in (quickbooks[1][5], quickbooks[2][2], xero[1][2], xero[1][4]):
        assert cell.startswith("'")


def test_xero_takes_whole_entries_of_300_lines(tmp_path: Path) -> None:
    lines = [
        line
        for number in range(1, 202)
        for line in (line_of(number, 5, 0), line_of(number, 0, 3), line_of(number, 0, 2))
    ]
    (tmp_path / "out-coco-us-usd-2.csv").write_text("of another program")
    with pytest.raises(JournalError, match=r"out-coco-us-usd-2\.csv is there already"):
        write_xero(lines, tmp_path / "out.csv", {"Coco US": "Tax Exempt"})
    assert (tmp_path / "out-coco-us-usd-2.csv").read_text() == "of another program"
    (tmp_path / "out-coco-us-usd-2.csv").unlink()
    assert list(tmp_path.iterdir()) == []
    files = write_xero(lines, tmp_path / "out.csv", {"Coco US": "Tax Exempt"})
    assert [(file.path.name, file.entries, file.lines) for file in files] == [
        ("out-coco-us-usd.csv", 100, 300), ("out-coco-us-usd-2.csv", 100, 300), ("out-coco-us-usd-3.csv", 1, 3),
    ]  # fmt: skip
    assert len(write_quickbooks(lines, tmp_path / "all.csv")) == 1
    with pytest.raises(JournalError, match=r"all\.csv is there already"):
        write_quickbooks(lines, tmp_path / "all.csv")
    long = [line_of(1, 1, 0), *(line_of(1, 0, 0) for _ in range(XERO_LINES))]
    with pytest.raises(JournalError, match="301 lines"):
        write_xero(long, tmp_path / "long.csv", {"Coco US": "Tax Exempt"})


def test_xero_needs_a_tax_rate_of_each_entity(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="legal_entities has no row for Coco US"):
        write_xero([line_of(1, 1, 0), line_of(1, 0, 1)], tmp_path / "out.csv", {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("period", "message"),
    [
        ("2026-13", "is not a month as YYYY-MM"),
        ("2025-01", "it holds 2026-09 to 2026-11"),
        ("October", "is not a month as YYYY-MM"),
    ],
)
def test_a_month_without_entries_is_told(told: Told, tmp_path: Path, period: str, message: str) -> None:
    run = run_command(
        *("coco", "journal", "--period", period, "--format", "xero", "--out", str(tmp_path / "out.csv")),
        *("--target", told.warehouse.target, "--profiles-dir", str(told.warehouse.folder)),
        *("--project-dir", str(told.warehouse.project)),
        folder=tmp_path,
        **told.warehouse.environment,
    )
    assert run.returncode != 0
    assert message in " ".join(run.stderr.split())
    assert list(tmp_path.iterdir()) == []


def test_couriers_cost_what_their_responses_say(duckdb_warehouse: Warehouse) -> None:
    # Read from the raw payloads, by another way than the models read them.
    fees: dict[str, tuple[str, int]] = {}
    for attempt, payload in duckdb_warehouse.rows(
        "select attempt_id, payload from deliveries_rds_public.doordash_responses"
        " where type <> 'QUOTE' order by created_at, id"
    ):
        try:
            response = json.loads(payload)
        except ValueError:
            continue
        if "fee" in response:
            fees[attempt] = response["currency"], response["fee"]
    charged = {
        attempt: (currency, cents)
        for attempt, currency, cents in duckdb_warehouse.rows(
            "select attempt_id, currency_code, accrued_cents from coco_marts.fulfilment_costs"
            " where cost_basis = 'charged'"
        )
    }
    assert charged == fees
    posted = Counter(
        dict(
            duckdb_warehouse.rows(
                "select currency_code, cast(sum(debit_cents) as bigint) from coco_marts.journal_entries"
                " where entry_type = 'fulfilment' group by currency_code"
            )
        )
    )
    totals: Counter[str] = Counter()
    for currency, cents in fees.values():
        totals[currency] += cents
    assert posted == totals

"""What the pages of the dashboard say is what the marts hold, on both engines, and nothing gets past who may see it."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
import shutil
import threading
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import psycopg2
import pytest
import yaml
from dashboards import figures_of, parts_of, reader_of, tables_of, target_of, text_of
from warehouses import PROJECT, Warehouse, run_command

from coco_warehouse.dashboard import display, exports, queries
from coco_warehouse.dashboard import reader as reader_module
from coco_warehouse.dashboard.components import grid_rows
from coco_warehouse.dashboard.figures import waterfall
from coco_warehouse.dashboard.pages.exceptions import exceptions
from coco_warehouse.dashboard.pages.integrations import delivery, integrations
from coco_warehouse.dashboard.pages.merchant import merchant
from coco_warehouse.dashboard.pages.order import order
from coco_warehouse.dashboard.pages.overview import overview
from coco_warehouse.dashboard.pages.pay_period import pay_period
from coco_warehouse.dashboard.pages.payouts import payout, payouts
from coco_warehouse.dashboard.pages.quality import quality
from coco_warehouse.dashboard.pages.search import search
from coco_warehouse.dashboard.publish import publish
from coco_warehouse.dashboard.reader import Reader, Reading, RequestError, SnapshotReader
from coco_warehouse.dashboard.server import Login, make_app
from coco_warehouse.dashboard.tables import TABLES, Selection, find_table, scope_parameters
from coco_warehouse.marts import MartsError
from coco_warehouse.spreadsheets import neutralised

HOSTILE = [
    "<script>window.coco_was_here = 1</script>",
    '=HYPERLINK("http://example.com","x")',
    "+1+1",
    "@sum(A1)",
    "-2+3",
    "\t=1+1",
    "مطعم الكوكو \u202eevil",
    "x" * 5_000,
]


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("snapshots")


@pytest.fixture(params=["duckdb", "postgres"])
def warehouse(request: pytest.FixtureRequest, built_warehouse: Callable[[str], Warehouse]) -> Warehouse:
    return built_warehouse(request.param)


@pytest.fixture
def reader(warehouse: Warehouse, snapshots: Path) -> Reader:
    return reader_of(warehouse, snapshots / "published.duckdb")


@pytest.fixture
def duckdb_reader(duckdb_warehouse: Warehouse, snapshots: Path) -> SnapshotReader:
    found = reader_of(duckdb_warehouse, snapshots / "published.duckdb")
    assert isinstance(found, SnapshotReader)
    return found


def whole(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query, its sums as whole numbers on either engine."""
    return [
        tuple(int(value) if isinstance(value, Decimal) else value for value in row) for row in warehouse.rows(query)
    ]


def selection(name: str, filters: dict[str, Any] | None = None, sorting: Any = (), **scope: object) -> Selection:
    table = find_table(name)
    return Selection(table, scope_parameters(table, scope), filters or {}, sorting)


def test_the_overview_totals_are_those_of_the_mart(warehouse: Warehouse, reader: Reader) -> None:
    totals = whole(
        warehouse,
        "select currency_code, sum(expected_cents), sum(stated_cents), sum(settled_cents), sum(deposited_cents),"
        " sum(variance_cents), sum(matched_order_count), sum(order_count), sum(not_yet_stated_cents)"
        " from coco_marts.merchant_reconciliation group by currency_code",
    )
    assert len(totals) >= 2
    for currency, expected, stated, settled, deposited, variance, matched, orders, awaited in totals:
        with reader.reading() as reading:
            page = overview(reading, currency, weeks="all")
        assert figures_of(page) == {
            "Expected": display.money(expected),
            "Stated": display.money(stated),
            "Paid": display.money(settled),
            "Deposited": display.money(deposited),
            "Variance": display.money(variance),
            "Matched orders": display.share(matched, orders),
        }
        flow = {row[0]: row[1] for row in tables_of(page)["From expected to deposited"]}
        assert flow["Awaited"] == display.money(-awaited)
        assert flow["Deposited"] == display.money(deposited)
        assert flow["Not deposited in full"] == display.money(deposited - settled)
        # The steps lead from each total to the next.
        assert expected - awaited + variance == stated


def test_a_chosen_platform_and_time_narrow_the_overview(warehouse: Warehouse, reader: Reader) -> None:
    [(expected,)] = whole(
        warehouse,
        "select sum(expected_cents) from coco_marts.merchant_reconciliation"
        " where currency_code = 'USD' and platform = 'ubereats'"
        " and (pay_period_end_date >= date '2026-10-04' or pay_period_end_date is null)",
    )
    with reader.reading() as reading:
        page = overview(reading, "USD", "ubereats", "4")
    assert figures_of(page)["Expected"] == display.money(expected)


def test_the_weeks_of_the_trend_make_the_total(warehouse: Warehouse, reader: Reader) -> None:
    with reader.reading() as reading:
        rows = tables_of(overview(reading, "USD", weeks="all"))["Figures by week, USD"][1:]
    dated = "select sum(stated_cents), sum(order_count) from coco_marts.merchant_reconciliation"
    [(stated, orders)] = whole(warehouse, f"{dated} where currency_code = 'USD' and pay_period_start_date is not null")
    assert sum(cents_of(row[3]) for row in rows) == stated
    assert sum(int(row[1].replace(",", "")) for row in rows) == orders


def cents_of(shown: str) -> int:
    """Read an amount as people do."""
    digits = shown.strip("()").replace(",", "").replace(".", "")
    return -int(digits) if shown.startswith("(") else int(digits)


def test_every_row_of_the_marts_is_in_a_table(warehouse: Warehouse, reader: Reader) -> None:
    sums = {
        "merchants": ("stated_cents", "coco_marts.merchant_reconciliation where currency_code = 'USD'"),
        "pay_periods": ("variance_cents", "coco_marts.merchant_reconciliation where currency_code = 'USD'"),
        "orders": ("stated_cents", "coco_marts.order_reconciliation where currency_code = 'USD'"),
        "payouts": ("due_cents", "coco_marts.payouts where currency_code = 'USD'"),
        "exceptions": ("open_cents", "coco_marts.reconciliation_exceptions where currency_code = 'USD'"),
    }
    for name, (column, mart) in sums.items():
        chosen = selection(name, currency="USD")
        [(expected, count)] = whole(warehouse, f"select sum({column}), count(*) from {mart}")
        with reader.reading() as reading:
            rows = chosen.rows(reading, 1_000_000)
            assert chosen.count(reading) == len(rows)
        assert sum(row[column] or 0 for row in rows) == expected, name
        assert name == "merchants" or len(rows) == count, name


def test_the_pages_of_a_merchant_and_its_periods_are_those_of_the_mart(warehouse: Warehouse, reader: Reader) -> None:
    periods = whole(
        warehouse,
        "select merchant_reconciliation_id, merchant_id, currency_code, expected_cents, stated_cents, variance_cents,"
        " deposited_cents from coco_marts.merchant_reconciliation where variance_cents <> 0 order by 1",
    )
    assert len(periods) > 20
    for key, _, _, expected, stated, variance, deposited in periods[::7]:
        with reader.reading() as reading:
            page = pay_period(reading, key)
            listed = selection("orders", pay_period=key).rows(reading, 10_000)
            others = selection("other_lines", pay_period=key).rows(reading, 10_000)
        shown = figures_of(page)
        assert [shown[name] for name in ("Expected", "Stated", "Variance", "Deposited")] == [
            display.money(cents) for cents in (expected, stated, variance, deposited)
        ]
        # The orders and the other lines of the period make its total, and the classes its variance.
        assert sum(row["stated_cents"] or 0 for row in [*listed, *others]) == stated
        assert sum(row["expected_cents"] or 0 for row in listed) == expected
        classes = [text_of(one) for one in parts_of(page) if getattr(one, "className", "") == "bar-figure"]
        assert sum(cents_of(figure) for figure in classes) == variance
        assert not classes or "Bars are of amounts without their signs" in text_of(page)
    # Of all periods, also those that no page was opened of.
    apart = """
        select periods.merchant_reconciliation_id
        from coco_marts.merchant_reconciliation as periods
        left join ({placed}) as placed
            on placed.platform = periods.platform
            and placed.currency_code = periods.currency_code
            and placed.merchant_id is not distinct from periods.merchant_id
            and placed.pay_period_start_date is not distinct from periods.pay_period_start_date
        group by periods.merchant_reconciliation_id
        having coalesce(sum(placed.claimed_cents), 0) <> max(periods.variance_cents)
    """
    assert warehouse.rows(apart.format(placed=queries.PLACED_CLAIMS.format(marts="coco_marts"))) == []
    merchants = {(row[1], row[2]) for row in periods if row[1]}
    for merchant_id, currency in sorted(merchants)[:4]:
        [(expected, variance)] = whole(
            warehouse,
            "select sum(expected_cents), sum(variance_cents) from coco_marts.merchant_reconciliation"
            f" where merchant_id = '{merchant_id}' and currency_code = '{currency}'",
        )
        with reader.reading() as reading:
            shown = figures_of(merchant(reading, merchant_id, currency))
        assert (shown["Expected"], shown["Variance"]) == (display.money(expected), display.money(variance))
    # A sale that is stated at another merchant's store is claimed there too, and explains the order's merchant alone.
    apart = "select count(*) from coco_marts.reconciliation_claims as claims inner join coco_marts.order_reconciliation"
    apart += " as orders on claims.order_id = orders.order_id where claims.merchant_id <> orders.merchant_id"
    assert warehouse.rows(apart) != [(0,)]
    with reader.reading() as reading:
        for merchant_id, currency in sorted(merchants):
            classes = reading.rows(queries.CLAIMS_BY_CLASS, merchant=merchant_id, currency=currency, platform=None)
            variance = sum(row[5] for row in periods if (row[1], row[2]) == (merchant_id, currency))
            assert sum(row["claimed_cents"] for row in classes) == variance, merchant_id


def test_the_page_of_an_order_is_its_story(warehouse: Warehouse, reader: Reader) -> None:
    orders = whole(
        warehouse,
        "select reconciliation_id, order_id, expected_cents, stated_cents, settled_cents, variance_cents"
        " from coco_marts.order_reconciliation where variance_cents <> 0 order by 1 limit 25",
    )
    for key, order_id, expected, stated, settled, variance in orders:
        with reader.reading() as reading:
            page = order(reading, key)
        shown = figures_of(page)
        assert [shown[name] for name in ("Expected", "Stated", "Paid", "Variance")] == [
            display.money(cents) for cents in (expected, stated, settled, variance)
        ]
        for file, number in warehouse.rows(
            f"select source_file_name, source_row_number from coco_marts.statement_lines where order_id = '{order_id}'"
        ):
            assert file in text_of(page)
            assert display.count(number) in text_of(page)


def test_the_pages_of_payouts_are_those_of_the_mart(warehouse: Warehouse, reader: Reader) -> None:
    with reader.reading() as reading:
        states = tables_of(payouts(reading, "USD"))["Payouts by state, USD"]
    [(count, due, deposited)] = whole(
        warehouse,
        "select count(*), sum(due_cents), sum(deposited_cents) from coco_marts.payouts where currency_code = 'USD'",
    )
    assert states[-1][1:4] == [display.count(count), display.money(due), display.money(deposited)]
    for key, due, deposited, lines in whole(
        warehouse,
        "select payout_id, due_cents, deposited_cents, stated_cents from coco_marts.payouts order by 1 limit 20",
    ):
        with reader.reading() as reading:
            shown = figures_of(payout(reading, key))
            listed = selection("payout_lines", payout=key).rows(reading, 10_000)
        assert [shown[name] for name in ("Due", "Deposited", "Lines")] == [
            display.money(cents) for cents in (due, deposited, lines)
        ]
        assert sum(row["stated_cents"] for row in listed) == lines


def test_the_queue_shows_what_is_open(warehouse: Warehouse, reader: Reader) -> None:
    is_open = "status not in ('resolved', 'written_off') and currency_code = 'USD'"
    [(count, cents)] = whole(
        warehouse, f"select count(*), sum(open_cents) from coco_marts.reconciliation_exceptions where {is_open}"
    )
    assert count > 10
    with reader.reading() as reading:
        page = exceptions(reading, "USD")
        assert figures_of(page) == {"Exceptions": display.count(count), "Open": display.money(cents)}
        bars = [text_of(one) for one in parts_of(page) if getattr(one, "className", "") == "bar-figure"]
        # By class and by age: each adds up to all that is open.
        assert sum(cents_of(figure) for figure in bars) == 2 * cents
        [(found, chosen)] = whole(
            warehouse,
            "select break_class, count(*) from coco_marts.reconciliation_exceptions"
            f" where {is_open} group by break_class order by 2 desc, 1 limit 1",
        )
        assert figures_of(exceptions(reading, "USD", break_class=found))["Exceptions"] == display.count(chosen)


def test_integrations_and_quality_count_what_the_marts_hold(warehouse: Warehouse, reader: Reader) -> None:
    counts = dict(whole(warehouse, "select health_state, count(*) from coco_marts.merchant_integrations group by 1"))
    with reader.reading() as reading:
        shown = figures_of(integrations(reading))
        assert shown["Integrations"] == display.count(sum(counts.values()))
        assert shown["Silent"] == display.count(counts.get("silent", 0))
        assert shown["Healthy"] == display.count(counts["healthy"])
        page = quality(reading)
    [(rejected,)] = whole(warehouse, "select count(*) from coco_marts.rejected_order_documents")
    [(refused,)] = whole(warehouse, "select count(*) from coco_marts.source_files where file_state = 'refused'")
    assert rejected > 5
    shown = figures_of(page)
    assert (shown["Rejected documents"], shown["Refused files"]) == (display.count(rejected), display.count(refused))
    for name, mart in (
        ("Rejected statement rows", "rejected_statement_rows"),
        ("Rejected bank rows", "rejected_bank_rows"),
    ):
        [(count,)] = whole(warehouse, f"select count(*) from coco_marts.{mart}")
        assert count
        assert shown[name] == display.count(count)
    said = text_of(page)
    assert "Broken" not in said
    assert said.count("Held") == 5


def test_a_stale_source_shows_its_stale_part(duckdb_reader: SnapshotReader, snapshots: Path) -> None:
    path = altered(
        duckdb_reader,
        snapshots,
        "update coco_marts.source_freshness set is_stale = false, quiet_seconds = 3600",
        "update coco_marts.source_freshness set is_stale = true, quiet_seconds = 104400,"
        " newest_at = timestamp '2026-10-31 07:00:00' where source_name = 'bank' and part_name in ("
        "   select max(part_name) from coco_marts.source_freshness where source_name = 'bank')",
    )
    with SnapshotReader(path, "coco_marts", path).reading() as reading:
        shown = {row[1]: row for row in tables_of(overview(reading, "USD"))["Freshness of the sources"][1:]}
    assert shown["Bank"] == ["Stale", "Bank", "2026-10-31 07:00", "29 h"]
    assert {row[0] for name, row in shown.items() if name != "Bank"} == {"Fresh"}


def test_a_broken_law_is_shown_as_broken(duckdb_reader: SnapshotReader, snapshots: Path) -> None:
    path = altered(
        duckdb_reader, snapshots, "update coco_marts.payouts set due_cents = due_cents + 1 where due_cents > 0"
    )
    with SnapshotReader(path, "coco_marts", path).reading() as reading:
        assert "Broken" in text_of(quality(reading))


def test_a_law_that_the_build_passes_is_shown_as_held(duckdb_reader: SnapshotReader, snapshots: Path) -> None:
    marts = (
        "merchant_reconciliation",
        "reconciliation_claims",
        "expected_charges",
        "stated_charges",
        "statement_lines",
    )
    path = altered(
        duckdb_reader,
        snapshots,
        # Nobody knows a currency.
        *(f"update coco_marts.{mart} set currency_code = null where currency_code = 'CAD'" for mart in marts),
        # A summary has come, and its lines have not.
        "insert into coco_marts.payouts by name select * replace ('alone' as payout_id, 0 as statement_line_count,"
        " 0 as stated_cents, 0 as due_cents, 0 as deposited_cents, 0 as in_transit_cents)"
        " from coco_marts.payouts where summary_cents <> 0 limit 1",
    )
    with SnapshotReader(path, "coco_marts", path).reading() as reading:
        assert text_of(quality(reading)).count("Held") == 5


def test_a_law_whose_one_side_is_gone_is_shown_as_broken(duckdb_reader: SnapshotReader, snapshots: Path) -> None:
    gone = [
        f"delete from coco_marts.{mart} where currency_code = 'CAD'" for mart in ("expected_charges", "stated_charges")
    ]
    path = altered(duckdb_reader, snapshots, *gone)
    with SnapshotReader(path, "coco_marts", path).reading() as reading:
        assert text_of(quality(reading)).count("Broken") == 2


def altered(reader: SnapshotReader, folder: Path, *statements: str) -> Path:
    """A snapshot that differs from the published one."""
    with reader.reading() as reading:
        assert reading.published_at is not None
    path = folder / f"altered_{len(list(folder.iterdir()))}.duckdb"
    shutil.copy(folder / "published.duckdb", path)
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def test_every_delivery_with_a_failure_has_its_page(warehouse: Warehouse, reader: Reader) -> None:
    found = whole(
        warehouse,
        "select delivery_id, count(*) from coco_marts.integration_calls where error_class is not null"
        " and delivery_id is not null group by 1 order by 1 limit 5",
    )
    assert found
    for key, failed in found:
        with reader.reading() as reading:
            assert figures_of(delivery(reading, key))["Calls that went wrong"] == display.count(failed)


def test_search_finds_things_by_their_names(warehouse: Warehouse, reader: Reader) -> None:
    [(order_id, readable)] = warehouse.rows(
        "select order_id, readable_order_number from coco_marts.orders where platform = 'doordash' order by 1 limit 1"
    )
    [(merchant_id, name)] = warehouse.rows(
        "select merchant_id, merchant_name from coco_marts.merchants where not is_test order by 2 limit 1"
    )
    with reader.reading() as reading:
        assert f"/order/{order_id}" in addresses(search(reading, order_id))
        assert f"/order/{order_id}" in addresses(search(reading, readable))
        assert f"/merchant/{merchant_id}" in addresses(search(reading, name[1:6].upper()))
        assert "Nothing is called 100%_" in text_of(search(reading, "100%_"))


def addresses(page: Any) -> set[str]:
    return {one.href for one in parts_of(page) if isinstance(getattr(one, "href", None), str)}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_column_sorts_and_filters(reader: Reader, name: str) -> None:
    table = find_table(name)
    kinds = {"money": 12.34, "count": 1, "rate": 1.5, "duration": 2}
    with reader.reading() as reading:
        everything = selection(name).count(reading) if name not in ("payout_lines", "other_lines") else 0
        for column in table.columns:
            if column.kind in ("day", "moment"):
                asked: dict[str, Any] = {"filterType": "date", "type": "greaterThan", "dateFrom": "2026-10-15 00:00:00"}
            elif column.kind in kinds:
                asked = {"filterType": "number", "type": "lessThan", "filter": kinds[column.kind]}
            else:
                asked = {"filterType": "text", "type": "contains", "filter": "%o'_"}
            sorting = [{"colId": column.name, "sort": "desc"}]
            chosen = selection(name, {column.name: asked}, sorting)
            assert chosen.count(reading) <= everything
            grid_rows(table.columns, chosen.rows(reading, 5))
            for blank in ("blank", "notBlank"):
                selection(name, {column.name: {"type": blank}}).rows(reading, 1)


def test_pages_of_a_table_follow_each_other(reader: Reader) -> None:
    chosen = selection("orders", sorting=[{"colId": "settlement_state", "sort": "asc"}])
    with reader.reading() as reading:
        together = [row["reconciliation_id"] for row in chosen.rows(reading, 100_000)]
        apart = [
            row["reconciliation_id"] for start in range(0, len(together), 50) for row in chosen.rows(reading, 50, start)
        ]
    assert apart == together
    assert len(set(together)) == len(together) > 100


def test_filters_mean_what_they_say(warehouse: Warehouse, reader: Reader) -> None:
    asked = {"variance_cents": {"filterType": "number", "type": "lessThan", "filter": -1.05}}
    [(count,)] = whole(warehouse, "select count(*) from coco_marts.order_reconciliation where variance_cents < -105")
    assert count > 3
    with reader.reading() as reading:
        assert selection("orders", asked).count(reading) == count
        words = {"settlement_state": {"filterType": "text", "type": "equals", "filter": "IN TRANSIT"}}
        [(count,)] = whole(
            warehouse, "select count(*) from coco_marts.order_reconciliation where settlement_state = 'in_transit'"
        )
        assert selection("orders", words).count(reading) == count > 0


@pytest.mark.parametrize(
    ("filters", "sorting"),
    [
        ({"1=1; drop table x; --": {"type": "equals", "filter": "x"}}, []),
        ({"stated_cents": {"type": "equals", "filter": "1; drop table x"}}, []),
        ({"stated_cents": {"type": "or 1=1", "filter": 1}}, []),
        ({"stated_cents": {"type": "inRange", "filter": 1}}, []),
        ({"stated_cents": {"type": "equals", "filter": 1e300}}, []),
        ({"stated_cents": {"type": "equals", "filter": "NaN"}}, []),
        ({"order_date": {"type": "equals", "dateFrom": "yesterday"}}, []),
        ({"stated_cents": {"type": "equals", "filter": "1e999999"}}, []),
        ({"platform_order_id": {"type": "equals", "filter": "a\0b"}}, []),
        ({"order_status": {"type": "contains", "filter": "\ud800"}}, []),
        ({"order_date": ["x"]}, []),
        ({"order_date": {"conditions": ["x"]}}, []),
        ({"order_date": {"conditions": 5}}, []),
        ({"order_date": {"conditions": {"type": "blank"}}}, []),
        ({}, ["x"]),
        ({}, [{"colId": "order_date; drop table x", "sort": "asc"}]),
        ({}, [{"colId": "order_date", "sort": "asc; drop table x"}]),
    ],
)
def test_what_a_table_cannot_be_asked_is_refused(duckdb_reader: SnapshotReader, filters: Any, sorting: Any) -> None:
    with duckdb_reader.reading() as reading, pytest.raises(RequestError):
        selection("orders", filters, sorting).rows(reading, 1)


def csv_text(chosen: Selection, reading: Reading) -> str:
    with exports.csv_file(chosen, reading) as file:
        content: bytes = file.read()
    return content.decode("utf-8-sig")


def test_downloads_hold_every_row_and_every_cent(warehouse: Warehouse, reader: Reader) -> None:
    [(count, variance)] = whole(
        warehouse,
        "select count(*), sum(variance_cents) from coco_marts.order_reconciliation where currency_code = 'USD'",
    )
    chosen = selection("orders", currency="USD")
    with reader.reading() as reading:
        content = csv_text(chosen, reading)
        file = exports.excel_file(chosen, reading)
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert len(rows) == count
    assert sum(Decimal(row["Variance"]) for row in rows) == Decimal(variance).scaleb(-2)
    assert {row["Currency"] for row in rows} == {"USD"}
    with file:
        sheet = openpyxl.load_workbook(file).active
        heads, *cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert len(cells) == count
    position = heads.index("Variance")
    assert sum(Decimal(str(row[position])) for row in cells) == Decimal(variance).scaleb(-2)


def test_a_downloaded_queue_names_its_exceptions(warehouse: Warehouse, reader: Reader) -> None:
    """As the workbook and `coco explain` do: the id of each stands in both files, and on no page."""
    ids = "select exception_id from coco_marts.reconciliation_exceptions where currency_code = 'USD'"
    known = sorted(name for (name,) in whole(warehouse, ids))
    chosen = selection("exceptions", currency="USD")
    with reader.reading() as reading:
        rows = list(csv.DictReader(io.StringIO(csv_text(chosen, reading), newline="")))
        file = exports.excel_file(chosen, reading)
    assert sorted(row["Exception"] for row in rows) == known
    with file:
        heads, *cells = [[cell.value for cell in row] for row in openpyxl.load_workbook(file).active.iter_rows()]
    assert sorted(row[heads.index("Exception")] for row in cells) == known
    assert "exception_id" not in {column.name for column in chosen.table.columns}


@pytest.fixture
def hostile_reader(duckdb_reader: SnapshotReader, snapshots: Path) -> Reader:
    """A snapshot whose merchants and lines bear hostile names."""
    statements = []
    for number, text in enumerate(HOSTILE):
        literal = text.replace("'", "''")
        for table, key, column in (
            ("merchants", "merchant_id", "merchant_name"),
            ("statement_lines", "statement_line_id", "description"),
        ):
            statements.append(
                f"update coco_marts.{table} set {column} = '{literal}' where {key} ="
                f" (select {key} from coco_marts.{table} order by {key} limit 1 offset {number})"
            )
    path = altered(duckdb_reader, snapshots, *statements)
    return SnapshotReader(path, "coco_marts", path)


def test_no_spreadsheet_takes_hostile_text_for_a_formula(hostile_reader: Reader) -> None:
    chosen = selection("merchants")
    with hostile_reader.reading() as reading:
        # A merchant without amounts in a currency is in no row: ask for its own.
        names = [row["merchant_name"] for row in reading.rows("select merchant_name from {marts}.merchants")]
        for currency in ("USD", "CAD", "EUR"):
            chosen = selection("merchants", currency=currency)
            content = csv_text(chosen, reading)
            for row in csv.reader(io.StringIO(content, newline="")):
                assert not row[0].lstrip().startswith(("=", "+", "-", "@")), row[0]
            with exports.excel_file(chosen, reading) as file:
                sheet = openpyxl.load_workbook(file).active
                for cells in sheet.iter_rows():
                    assert all(cell.data_type != "f" for cell in cells)
                    assert cells[0].data_type == "s" or cells[0].value is None
    assert set(HOSTILE) <= set(names)
    for text in HOSTILE[1:6]:
        assert neutralised(text) == f"'{text}"
    assert neutralised("Blue Heron - Poke") == "Blue Heron - Poke"


def test_charts_write_markup_as_text() -> None:
    figure = waterfall([("<a href='x'>Expected</a>", 100, True)], "<b>USD</b>")
    assert list(figure.data[0].y) == ["&lt;a href='x'&gt;Expected&lt;/a&gt;"]
    assert list(figure.data[0].customdata) == ["1.00 &lt;b&gt;USD&lt;/b&gt;"]


def test_the_amount_of_a_step_that_falls_to_nothing_is_not_among_the_names() -> None:
    def beside(*steps: tuple[str, int, bool]) -> tuple[list[str], list[tuple[str, float, str]]]:
        figure = waterfall(steps, "USD")
        return list(figure.data[0].text), [(one.y, one.x, one.text) for one in figure.layout.annotations]

    paid = ("Paid", 8000, True)
    assert beside(paid, ("Not deposited in full", -8000, False), ("Deposited", 0, True)) == (
        ["80.00", "", "0.00"],
        [("Not deposited in full", 80.0, "(80.00)")],
    )
    assert beside(paid, ("Not deposited in full", -1000, False)) == (["80.00", "(10.00)"], [])
    assert beside(paid, ("Variance", -16000, False), ("Stated", -8000, True))[1] == []


def test_values_are_shown_for_people() -> None:
    assert [display.money(cents) for cents in (None, 0, 5, -5, 123456789)] == [
        "—", "0.00", "0.05", "(0.05)", "1,234,567.89",
    ]  # fmt: skip
    assert display.money(10**17 + 1) == "1,000,000,000,000,000.01"
    assert [display.share(*pair) for pair in ((999_999, 1_000_000), (-1, 8), (1, 0), (None, 1))] == [
        "99.9 %", "(12.5 %)", "—", "—",
    ]  # fmt: skip
    assert [display.rate(rate) for rate in (None, 1250, -5)] == ["—", "12.50 %", "(0.05 %)"]
    assert [display.duration(seconds) for seconds in (None, 59, 7_300, 400_000)] == ["—", "59 s", "2 h", "4 d"]
    assert display.day(date(2026, 1, 2)) == "2026-01-02"
    assert display.moment(datetime(2026, 1, 2, 3, 4, 5)) == "2026-01-02 03:04"


def test_an_older_snapshot_says_what_it_lacks(duckdb_reader: SnapshotReader, snapshots: Path) -> None:
    path = altered(
        duckdb_reader,
        snapshots,
        "drop table coco_marts.payouts",
        "drop table coco_marts.reconciliation_exceptions",
        "alter table coco_marts.merchant_reconciliation drop column deposited_cents",
    )
    with SnapshotReader(path, "coco_marts", path).reading() as reading:
        page = overview(reading, "USD")
        assert figures_of(page)["Deposited"] == "—"
        assert "no mart reconciliation_exceptions" in text_of(page)
        assert "no mart payouts" in text_of(payouts(reading))


def test_an_empty_warehouse_says_what_to_do(duckdb_reader: SnapshotReader, snapshots: Path) -> None:
    with duckdb_reader.reading() as reading:
        names = [row["table_name"] for row in reading.rows("select table_name from information_schema.tables")]
    path = altered(
        duckdb_reader, snapshots, *(f"delete from coco_marts.{name}" for name in names if name != "publication")
    )
    with SnapshotReader(path, "coco_marts", path).reading() as reading:
        for page in (overview, exceptions, payouts, integrations, quality, search):
            said = text_of(page(reading))
            assert "coco load" in said or "Load the tables" in said or "Write an order number" in said, page


def test_exposures_name_every_mart_that_is_read() -> None:
    text = (PROJECT / "models" / "exposures" / "_dashboard.yml").read_text(encoding="utf-8")
    named = {ref for exposure in yaml.safe_load(text)["exposures"] for ref in exposure["depends_on"]}
    queried = [value for name, value in vars(queries).items() if name.isupper() and isinstance(value, str)]
    read = {mart for query in queried for mart in re.findall(r"{marts}\.(\w+)", query)}
    assert named == {f"ref('{mart}')" for mart in read}


# --- publishing ---


def test_a_snapshot_holds_the_marts_alone_in_old_storage(duckdb_warehouse: Warehouse, tmp_path: Path) -> None:
    path, count = publish(target_of(duckdb_warehouse), tmp_path / "published.duckdb")
    marts = duckdb_warehouse.rows(
        "select table_name, estimated_size from duckdb_tables() where schema_name = 'coco_marts' order by 1"
    )
    assert count == len(marts) > 40
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name <> 'coco_publication' order by 2"
        ).fetchall()
        assert [tuple(row) for row in found] == [("coco_marts", name) for name, _ in marts]
        for name, _ in marts:
            [(there,)] = connection.execute(f"select count(*) from coco_marts.{name}").fetchall()
            assert [(there,)] == duckdb_warehouse.rows(f"select count(*) from coco_marts.{name}")
    # The number of the storage stands in the file's header; 64 is what DuckDB 0.10 and later read.
    assert int.from_bytes(path.read_bytes()[12:20], "little") == 64
    assert [entry.name for entry in tmp_path.iterdir()] == ["published.duckdb"]
    # Another file takes its place: whoever has this one open reads on.
    before = path.stat().st_ino
    with path.open("rb") as opened:
        publish(target_of(duckdb_warehouse), path)
        assert path.stat().st_ino != before
        assert os.fstat(opened.fileno()).st_ino == before


def test_a_snapshot_that_cannot_be_made_leaves_the_last(duckdb_warehouse: Warehouse, tmp_path: Path) -> None:
    path, _ = publish(target_of(duckdb_warehouse), tmp_path / "published.duckdb")
    before = path.read_bytes()
    copy = Warehouse("duckdb", duckdb_warehouse.folder, {"COCO_DUCKDB_PATH": str(tmp_path / "copy.duckdb")})
    with duckdb.connect(str(tmp_path / "copy.duckdb")) as connection:
        connection.execute("create table nothing (a integer)")
    with pytest.raises(MartsError, match="not built"):
        publish(target_of(copy), path)
    with pytest.raises(MartsError, match="the warehouse itself"):
        publish(target_of(duckdb_warehouse), Path(duckdb_warehouse.environment["COCO_DUCKDB_PATH"]))
    with pytest.raises(MartsError, match="no warehouse"):
        publish(target_of(Warehouse("duckdb", copy.folder, {"COCO_DUCKDB_PATH": str(tmp_path / "none")})), path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_snapshot_is_not_replaced(duckdb_warehouse: Warehouse, tmp_path: Path) -> None:
    text, empty, other = (tmp_path / name for name in ("README.md", "empty.duckdb", "mine's.duckdb"))
    text.write_text("read me")
    empty.touch()
    with duckdb.connect(str(other)) as connection:
        connection.execute("create table mine (a integer)")
    for file in (text, empty, other):
        before = file.read_bytes()
        with pytest.raises(MartsError, match="is not replaced"):
            publish(target_of(duckdb_warehouse), file)
        assert file.read_bytes() == before


def test_readers_turn_to_a_new_snapshot_and_never_fail(
    duckdb_reader: SnapshotReader, snapshots: Path, tmp_path: Path
) -> None:
    path = tmp_path / "published.duckdb"
    other = altered(duckdb_reader, snapshots, "delete from coco_marts.calendar")
    shutil.copy(snapshots / "published.duckdb", path)
    reader = SnapshotReader(path, "coco_marts", path)
    failures: list[BaseException] = []
    counts = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                with reader.reading() as reading:
                    first = reading.rows("select count(*) as number from {marts}.calendar")[0]["number"]
                    assert first == reading.rows("select count(*) as number from {marts}.calendar")[0]["number"]
                    counts.add(first)
            except BaseException as error:
                failures.append(error)
                return

    clients = [threading.Thread(target=read) for _ in range(20)]
    for client in clients:
        client.start()
    for number in range(6):
        shutil.copy(other if number % 2 == 0 else snapshots / "published.duckdb", tmp_path / "next")
        (tmp_path / "next").replace(path)
        threading.Event().wait(0.2)
    done.set()
    for client in clients:
        client.join()
    assert not failures
    assert len(counts) == 2


def published_again(reader: SnapshotReader, snapshots: Path, folder: Path) -> tuple[SnapshotReader, Callable[[], None]]:
    """A reader of a snapshot, and what puts in its place another one, whose calendar is empty."""
    path = folder / "published.duckdb"
    other = altered(reader, snapshots, "delete from coco_marts.calendar")
    shutil.copy(snapshots / "published.duckdb", path)
    return SnapshotReader(path, "coco_marts", path), lambda: other.rename(path) and None


def read_calendar(reader: SnapshotReader) -> int | None:
    """How many days the calendar has for a page that is asked for now; none where it waits too long."""
    counts = []

    def read() -> None:
        with reader.reading() as reading:
            counts.append(reading.rows("select count(*) as number from {marts}.calendar")[0]["number"])

    # As a daemon, so that one that waits for good does not keep the tests from ending.
    page = threading.Thread(target=read, daemon=True)
    page.start()
    page.join(timeout=5)
    return int(counts[0]) if counts else None


def test_an_open_download_keeps_no_page_waiting(
    duckdb_reader: SnapshotReader, snapshots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "CHUNK_ROWS", 10)
    reader, publish_again = published_again(duckdb_reader, snapshots, tmp_path)
    answer = make_app(reader).server.test_client().get("/download/orders.csv")
    parts = iter(answer.response)
    first = next(parts)
    publish_again()
    assert read_calendar(reader) == 0
    rows = list(csv.reader(io.StringIO((first + b"".join(parts)).decode("utf-8-sig"), newline="")))
    with duckdb_reader.reading() as reading:
        assert len(rows) == selection("orders").count(reading) + 1
    answer.close()


def test_a_long_reading_keeps_pages_waiting_for_a_moment_alone(
    duckdb_reader: SnapshotReader, snapshots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "SWITCH_SECONDS", 0.1)
    reader, publish_again = published_again(duckdb_reader, snapshots, tmp_path)
    days = read_calendar(reader)
    assert days
    with reader.reading():
        publish_again()
        assert read_calendar(reader) == days
    assert read_calendar(reader) == 0


def test_a_dashboard_keeps_no_build_out(
    duckdb_reader: SnapshotReader, duckdb_warehouse: Warehouse, tmp_path: Path
) -> None:
    path = tmp_path / "warehouse.duckdb"
    shutil.copy(duckdb_warehouse.environment["COCO_DUCKDB_PATH"], path)
    copy = Warehouse("duckdb", duckdb_warehouse.folder, {"COCO_DUCKDB_PATH": str(path)})
    reader = reader_of(copy, tmp_path / "published.duckdb")
    with reader.reading() as reading:
        assert not reader.warehouse_is_newer()
        with duckdb.connect(str(path)) as connection:
            connection.execute("create table coco_marts.of_a_build as select 1 as number")
            # A build at work is no reason for readers to wait, and publishing says to come back.
            assert overview(reading) is not None
    assert reader.warehouse_is_newer()


def test_publishing_while_another_process_builds_says_so(duckdb_warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    shutil.copy(duckdb_warehouse.environment["COCO_DUCKDB_PATH"], path)
    with duckdb.connect(str(path)):
        said = run_command(
            "coco", "publish", "--target", "dev", "--profiles-dir", str(duckdb_warehouse.folder),
            folder=PROJECT, COCO_DUCKDB_PATH=str(path),
        )  # fmt: skip
    assert said.returncode == 1
    assert "is in use by another process" in said.stderr


def test_postgres_needs_no_publishing_and_cannot_be_written_to(postgres_warehouse: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(MartsError, match="nothing to publish"):
        publish(target_of(postgres_warehouse), tmp_path / "published.duckdb")
    reader = reader_of(postgres_warehouse, tmp_path / "none")
    with reader.reading() as reading, pytest.raises(MartsError, match="read-only transaction"):
        reading.rows("create table {marts}.written (a integer)")


def test_a_lost_connection_is_opened_anew(postgres_warehouse: Warehouse, tmp_path: Path) -> None:
    reader = reader_of(postgres_warehouse, tmp_path / "none")
    with reader.reading() as reading:
        assert reading.rows("select 1 as number") == [{"number": 1}]
    with psycopg2.connect(
        host=postgres_warehouse.environment["COCO_POSTGRES_HOST"],
        user=postgres_warehouse.environment["COCO_POSTGRES_USER"],
        dbname=postgres_warehouse.environment["COCO_POSTGRES_DATABASE"],
    ) as connection:
        connection.cursor().execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'coco dashboard'"
        )
    with reader.reading() as reading:
        assert reading.rows("select 2 as number") == [{"number": 2}]


# --- who may see it ---


def test_a_login_is_asked_for_where_there_is_one(duckdb_reader: SnapshotReader) -> None:
    client = make_app(duckdb_reader, Login("finance", "correct horse"), None).server.test_client()

    def status(path: str, user: str | None = None, password: str = "") -> int:
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        return int(client.get(path, headers={"Authorization": f"Basic {token}"} if user else {}).status_code)

    for path in ("/", "/_dash-layout", "/download/orders.csv", "/assets/style.css"):
        assert status(path) == 401
        assert status(path, "finance", "wrong") == 401
        assert status(path, "other", "correct horse") == 401
        assert status(path, "finance", "correct horse") == 200
    assert client.get("/", headers={"Authorization": "Basic ?"}).status_code == 401
    assert client.get("/", headers={"Authorization": "Bearer x"}).status_code == 401


def test_half_a_login_is_an_error(duckdb_warehouse: Warehouse) -> None:
    said = run_command(
        "coco", "dashboard", "--target", "dev", "--profiles-dir", str(duckdb_warehouse.folder),
        folder=PROJECT, **duckdb_warehouse.environment, COCO_DASHBOARD_USER="finance",
    )  # fmt: skip
    assert said.returncode == 1
    assert "Set both COCO_DASHBOARD_USER and COCO_DASHBOARD_PASSWORD" in said.stderr


def test_other_names_and_other_hosts_are_kept_out(duckdb_reader: SnapshotReader) -> None:
    client = make_app(duckdb_reader, None, ["localhost", "127.0.0.1"]).server.test_client()
    answer = client.get("/", headers={"Host": "localhost:8050"})
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert not [line for line in answer.text.splitlines() if 'src="http' in line or 'href="http' in line]
    assert client.get("/", headers={"Host": "evil.example:8050"}).status_code == 400


def test_downloads_refuse_what_they_cannot_read(duckdb_reader: SnapshotReader) -> None:
    client = make_app(duckdb_reader).server.test_client()
    for address in (
        "/download/nothing.csv",
        "/download/orders.csv?filters={",
        "/download/orders.csv?filters=[]",
        "/download/orders.csv?sorting={}",
        '/download/orders.csv?filters={"stated_cents":{"conditions":["x"]}}',
        '/download/orders.csv?sorting=["x"]',
        "/download/orders.csv?scope=payout%3Dx",
        '/download/orders.xlsx?sorting=[{"colId":"x","sort":"asc"}]',
        "/download/merchants.csv?scope=since%3Dnever",
    ):
        assert client.get(address).status_code == 400, address
    answer = client.get("/download/exceptions.csv?scope=currency%3DUSD")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data.startswith(b"\xef\xbb\xbfClass,")


def test_text_that_no_table_can_hold_is_refused(reader: Reader) -> None:
    client = make_app(reader).server.test_client()
    for text in ("a%00b", "%ED%A0%80%00"):
        answer = client.get(f"/download/merchants.csv?scope=currency%3D{text.replace('%', '%25')}")
        assert answer.status_code == 400, text
    with reader.reading() as reading:
        for text in ("a\0b", "\ud800"):
            with pytest.raises(RequestError, match="a character that no text"):
                reading.rows("select order_id from {marts}.orders where order_id = $order_name", order_name=text)


@pytest.mark.parametrize("row_number", ["x", [1], 1e400])
def test_a_grid_that_asks_for_no_row_is_told(duckdb_reader: SnapshotReader, row_number: Any) -> None:
    app = make_app(duckdb_reader)
    client = app.server.test_client()
    client.get("/")
    [known] = [output for output in app.callback_map if "getRowsResponse" in output]
    names = '"scope":"","table":"source_files"}'
    grid, count = f'{{"part":"grid",{names}', f'{{"part":"count",{names}'
    outputs = [(grid, "getRowsResponse"), (count, "children")]
    outputs += [(f'{{"part":"download-{kind}",{names}', "href") for kind in ("csv", "xlsx")]
    identity = {"part": "grid", "table": "source_files", "scope": ""}
    answer = client.post(
        "/_dash-update-component",
        json={
            "output": known,
            "outputs": [{"id": json.loads(name), "property": part} for name, part in outputs],
            "inputs": [{"id": identity, "property": "getRowsRequest", "value": {"startRow": row_number, "endRow": 10}}],
            "state": [{"id": identity, "property": "id", "value": identity}],
            "changedPropIds": [f"{grid}.getRowsRequest"],
        },
    )
    assert answer.status_code == 200
    assert "no such number" in answer.text

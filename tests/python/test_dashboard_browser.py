"""A real browser walks through the dashboard, on both engines: nothing fails, nothing is asked of another host."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import openpyxl
import pytest
from dashboards import served, target_of
from playwright.sync_api import Browser, Page, expect, sync_playwright
from warehouses import AS_OF, Warehouse

from coco_warehouse.dashboard import display
from coco_warehouse.dashboard.publish import publish

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="the browser chromium is not installed: apt-get install chromium"
)

HOSTILE = "<img src=x onerror='window.cocoWasHere=1'><script>window.cocoWasHere=1</script>=1+1 \u202eمطعم " + "x" * 400


@dataclass
class Visit:
    """A page of the browser, and what it complained of or asked elsewhere."""

    page: Page
    address: str
    troubles: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)
        self.settle()

    def settle(self) -> None:
        expect(self.page.locator("h1")).to_be_visible(timeout=20_000)
        self.page.wait_for_load_state("networkidle")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Inside a container, where tests may run as root, Chromium has no sandbox of its own.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def warehouse(request: pytest.FixtureRequest, built_warehouse: Callable[[str], Warehouse]) -> Warehouse:
    return built_warehouse(request.param)


@pytest.fixture(scope="module")
def address(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    snapshot = tmp_path_factory.mktemp("published") / "published.duckdb"
    with served(warehouse, "--snapshot", str(snapshot)) as found:
        yield found


def visit_of(browser: Browser, address: str, **options: Any) -> Visit:
    page = browser.new_page(**options)
    visit = Visit(page, address)
    page.on("console", lambda message: visit.troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: visit.troubles.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "data:", "blob:"))
            else visit.troubles.append(f"asked {request.url}")
        ),
    )
    return visit


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    visit = visit_of(browser, address)
    yield visit
    visit.page.close()
    assert not visit.troubles


def expect_tile(page: Page, name: str, text: str) -> None:
    figure = page.locator(".tile").filter(has_text=re.compile(f"^{name}")).locator(".figure")
    expect(figure).to_have_text(text, timeout=20_000)


def test_the_walk_from_the_overview_to_an_order(warehouse: Warehouse, visit: Visit) -> None:
    page = visit.page
    visit.go("/")
    [(expected,)] = warehouse.rows(
        "select cast(sum(expected_cents) as bigint) from coco_marts.merchant_reconciliation where currency_code = 'USD'"
    )
    expect_tile(page, "Expected", display.money(expected))
    # overview to merchant
    # A grid draws its cells when it comes into view.
    page.locator("section[aria-label='Merchants']").scroll_into_view_if_needed()
    merchant = page.locator("section[aria-label='Merchants'] .ag-row a").first
    expect(merchant).to_be_visible(timeout=20_000)
    name = merchant.inner_text()
    merchant.click()
    expect(page.locator("h1")).to_have_text(name)
    merchant_id = unquote(page.url.split("/merchant/")[1].split("?")[0])
    [(expected,)] = warehouse.rows(
        "select cast(sum(expected_cents) as bigint) from coco_marts.merchant_reconciliation"
        f" where currency_code = 'USD' and merchant_id = '{merchant_id}'"
    )
    expect_tile(page, "Expected", display.money(expected))
    # merchant to pay period, by the keyboard: the cell, then Enter
    page.locator("section[aria-label='Pay periods']").scroll_into_view_if_needed()
    cell = page.locator("section[aria-label='Pay periods'] .ag-row[row-index='3'] .ag-cell").first
    expect(cell).to_be_visible(timeout=20_000)
    cell.scroll_into_view_if_needed()
    cell.click(position={"x": 2, "y": 2})
    page.keyboard.press("Enter")
    page.wait_for_url("**/pay-period/*")
    visit.settle()
    key = page.url.rsplit("/", 1)[1]
    [(stated,)] = warehouse.rows(
        f"select stated_cents from coco_marts.merchant_reconciliation where merchant_reconciliation_id = '{key}'"
    )
    expect_tile(page, "Stated", display.money(stated))
    # pay period to order
    page.locator("section[aria-label='Orders']").scroll_into_view_if_needed()
    link = page.locator("section[aria-label='Orders'] .ag-row a").first
    link.click()
    page.wait_for_url("**/order/*")
    visit.settle()
    key = unquote(page.url.rsplit("/", 1)[1])
    [(stated, variance)] = warehouse.rows(
        f"select stated_cents, variance_cents from coco_marts.order_reconciliation where reconciliation_id = '{key}'"
    )
    expect_tile(page, "Stated", display.money(stated))
    expect_tile(page, "Variance", display.money(variance))
    page.go_back()
    page.wait_for_url("**/pay-period/*")


def test_the_queue_filters_sorts_and_downloads(warehouse: Warehouse, visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    visit.go("/exceptions?currency=USD")
    where = "status not in ('resolved', 'written_off') and currency_code = 'USD'"
    refunds = f"from coco_marts.reconciliation_exceptions where {where} and break_class = 'refund'"
    [(count, cents)] = warehouse.rows(f"select count(*), cast(sum(exception_cents) as bigint) {refunds}")
    assert count > 1
    queue = page.locator("section[aria-label='Queue']")
    expect(queue.locator(".ag-row").first).to_be_visible(timeout=20_000)
    queue.locator(".ag-header-cell[col-id='break_class_name'] .ag-header-cell-filter-button").click()
    page.locator(".ag-filter input[type='text']").first.fill("refund")
    expect(queue.get_by_role("status")).to_have_text(re.compile(rf"^{count} rows?, filtered$"), timeout=10_000)
    page.keyboard.press("Escape")
    queue.locator(".ag-header-cell[col-id='exception_cents'] .ag-header-cell-text").click()
    [(least,)] = warehouse.rows(f"select min(exception_cents) {refunds}")
    first = queue.locator(".ag-row[row-index='0'] .ag-cell[col-id='exception_cents']")
    expect(first).to_have_text(display.money(least), timeout=10_000)
    for name in ("CSV", "Excel"):
        with page.expect_download() as downloading:
            queue.get_by_role("link", name=f"Download Exceptions as {name}").click()
        file = tmp_path / downloading.value.suggested_filename
        downloading.value.save_as(file)
        if name == "CSV":
            with file.open(encoding="utf-8-sig", newline="") as content:
                amounts = [Decimal(row["Amount"]) for row in csv.DictReader(content)]
        else:
            head, *found = openpyxl.load_workbook(file).active.iter_rows(values_only=True)
            amounts = [Decimal(str(row[head.index("Amount")])) for row in found]
        assert len(amounts) == count
        assert sum(amounts) == Decimal(cents).scaleb(-2)
        assert amounts == sorted(amounts)


def test_every_page_opens_in_both_themes_and_widths(warehouse: Warehouse, browser: Browser, address: str) -> None:
    def key(query: str) -> str:
        return str(warehouse.rows(query)[0][0])

    order = key(
        "select order_id from coco_marts.order_reconciliation where variance_cents <> 0 and has_order order by 1"
    )
    failed = "error_class is not null and delivery_id is not null order by 1"
    paths = [
        "/",
        f"/merchant/{key('select merchant_id from coco_marts.merchant_reconciliation where merchant_id is not null')}",
        f"/pay-period/{key('select merchant_reconciliation_id from coco_marts.merchant_reconciliation')}",
        "/payouts",
        f"/payout/{key('select payout_id from coco_marts.payout_deposits order by 1').replace(':', '%3A')}",
        f"/order/{order}",
        "/exceptions",
        "/integrations",
        f"/delivery/{key(f'select delivery_id from coco_marts.integration_calls where {failed}')}",
        "/quality",
        "/search?q=a",
    ]
    for width, theme in ((1280, "light"), (390, "dark")):
        visit = visit_of(browser, address, viewport={"width": width, "height": 900}, color_scheme=theme)
        for path in paths:
            visit.go(path)
            said = visit.page.locator("main").inner_text()
            assert "cannot be read" not in said, path
            assert "Not here" not in said, path
            assert f"As of {AS_OF[:16]} UTC" in said, path
            # Tables scroll within their frames; the page itself never goes sideways.
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, path
        visit.page.close()
        assert not visit.troubles


def test_what_is_not_there_says_so(visit: Visit) -> None:
    for path in ("/order/nobody", "/merchant/nobody", "/pay-period/nobody", "/payout/nobody", "/delivery/nobody", "/x"):
        visit.go(path)
        expect(visit.page.locator("h1")).to_have_text("Not here")


def test_the_pages_are_walked_by_keyboard(visit: Visit) -> None:
    page = visit.page
    visit.go("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the page")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Exceptions")
    page.keyboard.press("Enter")
    page.wait_for_url("**/exceptions")
    page.locator("input[name='q']").fill("a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=a")
    expect(page.locator("h1")).to_have_text("Search")
    page.locator("#theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_hostile_text_is_shown_as_text(duckdb_warehouse: Warehouse, browser: Browser, tmp_path: Path) -> None:
    path, _ = publish(target_of(duckdb_warehouse), tmp_path / "published.duckdb")
    text = HOSTILE.replace("'", "''")
    with duckdb.connect(str(path)) as connection:
        for table, column in (
            ("merchants", "merchant_name"),
            ("merchant_integrations", "merchant_name"),
            ("statement_lines", "description"),
            ("statement_lines", "source_file_name"),
            ("deposits", "description"),
            ("order_reconciliation", "match_reason"),
            ("integration_calls", "provider_status"),
            ("integration_calls", "error_code"),
            ("source_files", "source_file_name"),
            ("rejected_order_documents", "findings"),
            ("rejected_bank_rows", "source_file_name"),
            ("break_class_guide", "break_class_name"),
        ):
            connection.execute(f"update coco_marts.{table} set {column} = '{text}'")

        def key(query: str) -> str:
            return str(connection.execute(query).fetchall()[0][0])

        merchant = key("select merchant_id from coco_marts.merchant_reconciliation where merchant_id is not null")
        compared = "variance_cents <> 0 and has_statement and has_order"
        order = key(f"select order_id from coco_marts.order_reconciliation where {compared}")
        payout = key("select payout_id from coco_marts.payout_deposits").replace(":", "%3A")
        delivery = key("select delivery_id from coco_marts.integration_calls where delivery_id is not null")
    with served(duckdb_warehouse, "--snapshot", str(path)) as address:
        visit = visit_of(browser, address, viewport={"width": 1280, "height": 3000})
        for page in (
            "/", f"/merchant/{merchant}", f"/order/{order}", f"/payout/{payout}", f"/delivery/{delivery}",
            "/exceptions", "/integrations", "/quality",
        ):  # fmt: skip
            visit.go(page)
            expect(visit.page.get_by_text("<script>window.cocoWasHere=1</script>").first).to_be_attached(timeout=10_000)
            assert visit.page.evaluate("window.cocoWasHere") is None, page
            assert visit.page.locator("main img").count() == 0, page
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= 1280, page
        visit.page.close()
        assert not visit.troubles

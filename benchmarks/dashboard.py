"""How long a reader waits for the dashboard: first figures, another filter, in a real browser, on marts of many orders.

    python benchmarks/dashboard.py [ORDERS]

A sample of `coco simulate` is loaded into DuckDB, built, published and served by `coco dashboard`; Chromium, driven by
Playwright, opens it. Told are the medians of several tries, in seconds, and as multiples of the floor: the same browser
opening a page of the same server that shows nothing from the marts (the dashboard's own style sheet).

- "first figures": from the address to the figure of what is expected on the overview, in a browser with an empty cache.
- "another platform": on a page that stands, from the click on a platform to its figure.
- "a column's filter": from the last key typed into the filter of the exceptions' class to the filtered rows.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright
from reconcile import LOOKED_AT, VARIABLES
from warehouses import PROJECT, Warehouse, warehouses

from coco_warehouse.dashboard.publish import publish
from coco_warehouse.load import load_paths
from coco_warehouse.simulate import simulate

TRIES = 7
# The browser is busy for a while with closing the page of the try before.
REST_SECONDS = 1
WAIT = 30_000

# Looked at with each picture that the browser draws: Playwright's own expectations look again after up to a second.
FIGURE_OTHER_THAN = """before => {
    const figure = document.querySelector('.tile .figure');
    return figure && /[0-9]/.test(figure.innerText) && figure.innerText !== before;
}"""
QUEUE_FILTERED = """() => {
    const status = document.querySelector("section[aria-label='Queue'] [role='status']");
    return status && status.innerText.endsWith('filtered');
}"""


def serve(warehouse: Warehouse, snapshot: Path) -> tuple["subprocess.Popen[str]", str]:
    """Serve the dashboard on a free port. Returns its process and address."""
    command = [str(Path(sys.executable).parent / "coco"), "dashboard", "--port", "0", "--snapshot", str(snapshot)]
    process = subprocess.Popen(
        [*command, "--target", "benchmark", "--profiles-dir", str(warehouse.folder)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if address := re.search(r"http://[^ ]+", line):
            return process, address.group().rstrip("/")
    raise SystemExit("".join(said))


def floor(browser: Browser, address: str) -> float:
    """Open a page of the server that shows nothing from the marts."""
    context = browser.new_context()
    page = context.new_page()
    start = time.perf_counter()
    page.goto(f"{address}/assets/style.css")
    took = time.perf_counter() - start
    context.close()
    return took


def first_figures(browser: Browser, address: str) -> float:
    context = browser.new_context()
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(FIGURE_OTHER_THAN, arg="", polling="raf", timeout=WAIT)
    took = time.perf_counter() - start
    context.close()
    return took


def another_platform(browser: Browser, address: str) -> float:
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    figure = page.locator(".tile .figure").first
    # The reader has seen the whole page, down to its last table, before choosing another one.
    expect(page.get_by_role("status").first).to_have_text(re.compile("rows$"), timeout=WAIT)
    page.wait_for_load_state("networkidle")
    before = figure.inner_text()
    start = time.perf_counter()
    page.get_by_role("link", name="Grubhub", exact=True).first.click()
    page.wait_for_function(FIGURE_OTHER_THAN, arg=before, polling="raf", timeout=WAIT)
    took = time.perf_counter() - start
    context.close()
    return took


def column_filter(browser: Browser, address: str) -> float:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/exceptions?currency=USD")
    queue = page.locator("section[aria-label='Queue']")
    expect(queue.locator(".ag-row").first).to_be_visible(timeout=WAIT)
    queue.locator(".ag-header-cell[col-id='break_class_name'] .ag-header-cell-filter-button").click()
    start = time.perf_counter()
    page.locator(".ag-filter input[type='text']").first.fill("refund")
    page.wait_for_function(QUEUE_FILTERED, polling="raf", timeout=WAIT)
    took = time.perf_counter() - start
    context.close()
    return took


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders", nargs="?", type=int, default=200_000, help="orders of the sample (200000)")
    arguments = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("There is no chromium on this machine: install Debian's package of that name.")
    with (
        tempfile.TemporaryDirectory(prefix="coco-benchmark-") as name,
        warehouses(Path(name), ["duckdb"], 2, {}) as made,
    ):
        folder = Path(name)
        simulate(folder / "sample", orders=arguments.orders, faults=0.02, project_dir=PROJECT)
        (warehouse,) = made
        load_paths([folder / "sample" / "raw"], warehouse.target, loaded_at=LOOKED_AT.replace(tzinfo=UTC))
        warehouse.dbt("build", *VARIABLES, "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
        publish(warehouse.target, folder / "published.duckdb")
        process, address = serve(warehouse, folder / "published.duckdb")
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                measure(browser, address, arguments.orders)
        finally:
            process.terminate()


def measure(browser: Browser, address: str, orders: int) -> None:
    """Print what each takes, the tries of all in turn."""
    ways: dict[str, Callable[[Browser, str], float]] = {
        "floor: a page without figures": floor,
        "first figures": first_figures,
        "another platform": another_platform,
        "a column's filter": column_filter,
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(TRIES):
        for way, work in ways.items():
            time.sleep(REST_SECONDS)
            times[way].append(work(browser, address))
    least = statistics.median(times["floor: a page without figures"])
    print(f"{orders:,} orders")
    for way, measured in times.items():
        median = statistics.median(measured)
        print(f"{way:32}{median:7.2f} s{median / least:8.1f} times the floor")


if __name__ == "__main__":
    main()

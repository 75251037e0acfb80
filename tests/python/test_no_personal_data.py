"""Law 8: no personal data and no secret outside staging and the restricted schema.

The simulator marks all of it: names, phones, addresses and pins hold the canary. They are looked for in every relation
and in all that leaves the warehouse: pages, downloads, files, what programs print and what dbt writes beside it, also
where something fails. So is the password of the database, which comes from the environment.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from canaries import (
    assert_canaries_where_they_belong,
    contents,
    files_with,
    relations_with_canaries,
    secrets_of,
    words_in,
)
from dashboards import reader_of, target_of
from plotly.utils import PlotlyJSONEncoder
from warehouses import PROJECT, Warehouse, run_command, with_own_file

from coco_warehouse.dashboard import exports
from coco_warehouse.dashboard.publish import publish
from coco_warehouse.dashboard.reader import Reading
from coco_warehouse.dashboard.server import PAGES
from coco_warehouse.dashboard.tables import TABLES, Selection, find_table, scope_parameters
from coco_warehouse.journal_export import read_journal, write_quickbooks, write_xero
from coco_warehouse.simulate.company import CANARY
from coco_warehouse.workbook.content import read_content
from coco_warehouse.workbook.csv_files import write_csv_files
from coco_warehouse.workbook.sheets import write_workbook

OCTOBER = date(2026, 10, 1)

# What names the subject of a page, and orders whose documents hold names and pins.
SUBJECTS = {
    "merchant_id": "select min(merchant_id) from coco_marts.merchant_reconciliation",
    "pay_period_id": "select min(merchant_reconciliation_id) from coco_marts.merchant_reconciliation",
    "payout_id": "select min(payout_id) from coco_marts.payouts",
    "delivery_id": "select min(delivery_id) from coco_marts.integration_calls where error_class is not null",
    "order_name": (
        "select min(reconciliation.order_id) from coco_marts.order_reconciliation as reconciliation"
        " inner join coco_restricted.order_consumers as consumers on reconciliation.order_id = consumers.order_id"
        " where reconciliation.variance_cents <> 0"
    ),
}


@pytest.fixture(params=["duckdb", "postgres"])
def warehouse(request: pytest.FixtureRequest, built_warehouse: Callable[[str], Warehouse]) -> Warehouse:
    return built_warehouse(request.param)


def test_canaries_stay_where_they_belong(warehouse: Warehouse) -> None:
    assert_canaries_where_they_belong(warehouse)


def test_what_dbt_writes_holds_none(warehouse: Warehouse, tmp_path: Path) -> None:
    written = [warehouse.folder / "target", warehouse.folder / "logs"]
    assert any(folder.rglob("run/**/*.sql") for folder in written)
    assert files_with(secrets_of(warehouse), *written) == {}

    elsewhere = replace(with_own_file(warehouse, tmp_path), folder=tmp_path)
    shutil.copy(warehouse.folder / "profiles.yml", tmp_path)
    described = elsewhere.dbt("docs", "generate", "--static")
    described.assert_succeeded()
    assert (tmp_path / "target" / "static_index.html").is_file()
    assert words_in(described.output.encode(), secrets_of(warehouse)) == []
    assert files_with(secrets_of(warehouse), tmp_path / "target", tmp_path / "logs") == {}


def pages(warehouse: Warehouse, reading: Reading) -> Iterator[tuple[str, bytes]]:
    """Every page of the dashboard, of one subject each, as the browser gets it."""
    subjects = {name: warehouse.rows(query)[0][0] for name, query in SUBJECTS.items()}
    assert all(subjects.values())
    for path, _, page, names in PAGES:
        given = {name: subjects[name] for name in names if name in subjects and f"<{name}>" in path}
        words = {"q": subjects["order_name"]} if "q" in names else {}
        shown = page(reading, **given, **words)
        yield path, json.dumps(shown, cls=PlotlyJSONEncoder, default=str).encode()


def downloads(reading: Reading, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every table of the dashboard with all its rows, as CSV and as Excel."""
    for name in TABLES:
        table = find_table(name)
        selection = Selection(table, scope_parameters(table, {}), {}, ())
        with exports.csv_file(selection, reading) as file:
            yield f"{name}.csv", file.read()
        with exports.excel_file(selection, reading) as file:
            (folder / f"{name}.xlsx").write_bytes(file.read())
        yield from contents(folder / f"{name}.xlsx")


def test_the_dashboard_shows_none(warehouse: Warehouse, tmp_path: Path) -> None:
    with reader_of(warehouse, tmp_path / "published.duckdb").reading() as reading:
        shown = [*pages(warehouse, reading), *downloads(reading, tmp_path)]
    assert len(shown) > len(PAGES) + 2 * len(TABLES)
    assert {name: words for name, content in shown if (words := words_in(content, secrets_of(warehouse)))} == {}


def test_what_is_published_holds_none(duckdb_warehouse: Warehouse, tmp_path: Path) -> None:
    path, _ = publish(target_of(duckdb_warehouse), tmp_path / "published.duckdb")
    # The file is searched by its tables too, since DuckDB compresses what it writes.
    assert files_with([CANARY], tmp_path) == {}
    published = replace(duckdb_warehouse, environment={"COCO_DUCKDB_PATH": str(path)})
    assert relations_with_canaries(published) == {}


def test_the_files_of_a_month_hold_none(warehouse: Warehouse, tmp_path: Path) -> None:
    target = target_of(warehouse)
    content = read_content(target, OCTOBER, "http://localhost:8050/")
    write_workbook(content, tmp_path / "month.xlsx")
    assert write_csv_files(content, tmp_path / "csv")
    lines = read_journal(target, OCTOBER)
    assert write_quickbooks(lines, tmp_path / "quickbooks.csv")
    assert write_xero(lines, tmp_path / "xero.csv", {line.legal_entity: "Tax Exempt (0%)" for line in lines})
    assert files_with(secrets_of(warehouse), tmp_path) == {}


def coco(warehouse: Warehouse, *arguments: str, **variables: str) -> str:
    """What a command of coco prints."""
    options = ("--target", warehouse.target, "--profiles-dir", str(warehouse.folder))
    run = run_command("coco", *arguments, *options, folder=PROJECT, **warehouse.environment, **variables)
    return run.stdout + run.stderr


def test_what_is_told_of_an_order_holds_none(warehouse: Warehouse) -> None:
    [(order,)] = warehouse.rows(SUBJECTS["order_name"])
    [(consumer,)] = warehouse.rows(
        f"select max(consumer_name) from coco_restricted.order_consumers where order_id = '{order}'"
    )
    assert CANARY in consumer
    told = coco(warehouse, "explain", order)
    assert "Where the money is" in told
    assert words_in((told + coco(warehouse, "summary")).encode(), secrets_of(warehouse)) == []


def broken_documents(raw: Path) -> list[str]:
    """A document that holds personal data, broken in one way after another, the canary where another value belongs."""
    lines = [json.loads(line) for file in sorted(raw.glob("*.ndjson")) for line in file.open(encoding="utf-8")]
    whole = max((line["body"] for line in lines if "body" in line), key=lambda body: (body.count(CANARY), body))
    wrong = json.dumps(f"{CANARY}elsewhere")
    return [
        whole[: whole.rindex(CANARY) + len(CANARY)],
        whole.replace(CANARY, f"{CANARY}\\ud800", 1),
        whole.replace(CANARY, f"{CANARY}\\u0000", 1),
        f"{whole} {whole}",
        f"[{whole}]",
        wrong,
        *(
            re.sub(rf'("{name}": ?)("[^"]*"|[\w.]+)', lambda match: match.group(1) + wrong, whole, count=1)
            for name in ("placedAt", "updatedAt", "isPickup", "total", "quantity")
        ),
        re.sub(rf'("name": ?)("{CANARY}[^"]*")', r'\1{"first": \2}', whole, count=1),
    ]


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_what_fails_tells_none(
    built_copy: Callable[[str], Warehouse], sample: Path, tmp_path: Path, engine: str
) -> None:
    warehouse = built_copy(engine)
    secrets = secrets_of(warehouse)
    received = {"received_at": "2026-10-31T12:00:00.000Z", "received_from": "webhook"}
    documents = [json.dumps(received | {"body": body}) for body in broken_documents(sample / "raw" / "order_documents")]
    (tmp_path / "broken.ndjson").write_text("\n".join(documents) + "\n", encoding="utf-8")
    # An extract whose columns have moved, so that a pin stands where minutes belong.
    header = (
        "merchant_id,source,type,is_active,external_ids,pickup_override_minutes,unlock_pin,is_deviceless,"
        "created_at,updated_at,_fivetran_synced,_fivetran_deleted"
    )
    time = "2026-10-31 00:00:00"
    shifted = f"a,doordash,marketplace,true,,{CANARY}0042,,false,{time},{time},{time},false"
    extract = tmp_path / "config_rds_public.integration.2026-10-31.csv"
    extract.write_text(f"{header}\n{shifted}\n", encoding="utf-8")
    printed = coco(warehouse, "load", "--loaded-at", "2026-11-01 07:00:00", str(tmp_path), COLUMNS="400")
    assert "column “pickup_override_minutes”" in printed

    warehouse.dbt(
        "run", "--write-json", "--select", "+path:models/marts/orders", "+path:models/marts/quality"
    ).assert_succeeded()
    reasons = warehouse.rows("select findings from coco_marts.rejected_order_documents")
    assert len(reasons) >= len(documents) - 3
    assert_canaries_where_they_belong(warehouse)

    # A test that fails on restricted rows, and a database that cannot be reached.
    warehouse.execute("insert into coco_restricted.order_consumers select * from coco_restricted.order_consumers")
    failed = warehouse.dbt("test", "--write-json", "--select", "order_consumers")
    assert "primary_key_order_consumers" in failed.output and not failed.succeeded
    nowhere = {"COCO_DUCKDB_PATH": str(tmp_path / "none.duckdb"), "COCO_POSTGRES_HOST": str(tmp_path)}
    lost = replace(warehouse, environment={**warehouse.environment, **nowhere})
    unreached = lost.dbt("run", "--write-json", "--select", "orders")
    assert not unreached.succeeded
    output = printed + failed.output + unreached.output + coco(lost, "summary")
    assert words_in(output.encode(), secrets) == []
    assert files_with(secrets, warehouse.folder / "target", warehouse.folder / "logs") == {}

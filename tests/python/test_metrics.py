"""Metrics are what the marts and the pages of the dashboard say, on both engines."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dashboards import figures_of, reader_of
from warehouses import PROJECT, Warehouse, environment, run_command, run_dbt, with_own_file

from coco_warehouse.dashboard import display, queries
from coco_warehouse.dashboard.pages.overview import overview

Row = tuple[Any, ...]

# What the page of integrations counts over: seven whole days before the day of the tests' as_of, and that day.
LAST_SEVEN_DAYS = "{{ TimeDimension('metric_time', 'day') }} >= '2026-10-25'"


@dataclass(frozen=True)
class Figures:
    """Metrics by the dimensions that they are grouped by, and what the marts say of the same in plain SQL.

    `sql` has the groups, then a column for each metric; of a ratio two, its numerator and denominator.
    """

    metrics: Sequence[str]
    groups: Sequence[str]
    sql: str
    ratios: Sequence[str] = ()


FIGURES = [
    Figures(
        ["expected", "awaited", "stated", "paid", "deposited", "variance"],
        ["merchant_pay_period__currency_code", "merchant_pay_period__platform"],
        "select currency_code, platform, sum(expected_cents), sum(not_yet_stated_cents), sum(stated_cents),"
        " sum(settled_cents), sum(deposited_cents), sum(variance_cents)"
        " from coco_marts.merchant_reconciliation group by currency_code, platform",
    ),
    Figures(
        ["variance"],
        ["merchant_pay_period__currency_code", "merchant__merchant_name", "metric_time__week"],
        "select currency_code, merchant_name, date_trunc('week', pay_period_end_date), sum(variance_cents)"
        " from coco_marts.merchant_reconciliation as reconciled"
        " left join coco_marts.merchants as merchants on reconciled.merchant_id = merchants.merchant_id"
        " group by currency_code, merchant_name, date_trunc('week', pay_period_end_date)",
    ),
    Figures(
        ["orders", "orders_stated", "match_rate"],
        ["reconciled_order__currency_code", "reconciled_order__platform"],
        "with matched as (select orders.order_id, orders.currency_code, orders.platform,"
        " count(distinct lines.order_id) as stated from coco_marts.orders as orders"
        " left join coco_marts.statement_lines as lines"
        " on orders.order_id = lines.order_id and orders.currency_code = lines.currency_code"
        " group by orders.order_id, orders.currency_code, orders.platform)"
        " select currency_code, platform, count(*), sum(stated), sum(stated), count(*) from matched"
        " group by currency_code, platform",
        ratios=["match_rate"],
    ),
    Figures(
        ["claimed_variance"],
        ["claim__currency_code", "claim__break_class", "metric_time__month"],
        "select currency_code, break_class, date_trunc('month', claim_date), sum(claimed_cents)"
        " from coco_marts.reconciliation_claims group by currency_code, break_class, date_trunc('month', claim_date)",
    ),
    Figures(
        ["commission", "sales_stated", "effective_commission_rate"],
        ["stated_charge__currency_code", "stated_charge__platform"],
        "with sales as (select * from coco_marts.stated_charges where line_type = 'sale'),"
        " sums as (select currency_code, platform,"
        " -coalesce(sum(stated_cents) filter (where charge_type in ('commission', 'delivery_commission')), 0) as fees,"
        " coalesce(sum(stated_cents) filter (where charge_type in ('sales', 'receipts')), 0) as sales"
        " from sales group by currency_code, platform)"
        " select currency_code, platform, fees, sales, fees, sales from sums",
        ratios=["effective_commission_rate"],
    ),
    Figures(
        ["sales_paid", "days_waited", "days_to_pay"],
        ["statement_line__currency_code", "statement_line__platform"],
        "with waits as (select currency_code, platform, payout_date - order_date as days"
        " from coco_marts.statement_lines where line_type = 'sale' and order_date is not null"
        " union all select currency_code, platform, payout_date - event_date"
        " from coco_marts.statement_lines where line_type = 'sale' and order_date is null)"
        " select currency_code, platform, count(days), sum(days), sum(days), count(days) from waits"
        " group by currency_code, platform",
        ratios=["days_to_pay"],
    ),
    Figures(
        ["payouts_due", "payouts_deposited", "payouts_in_transit"],
        ["payout__currency_code", "payout__payout_state", "payout__legal_entity"],
        "select currency_code, payout_state, legal_entity, sum(due_cents), sum(deposited_cents), sum(in_transit_cents)"
        " from coco_marts.payouts group by currency_code, payout_state, legal_entity",
    ),
    Figures(
        ["open_exceptions", "open_exception_amount"],
        ["exception__currency_code", "exception__break_class"],
        "select currency_code, break_class,"
        " count(*) filter (where status in ('open', 'in_dispute', 'reopened')),"
        " coalesce(sum(open_cents) filter (where status in ('open', 'in_dispute', 'reopened')), 0)"
        " from coco_marts.reconciliation_exceptions group by currency_code, break_class",
    ),
    Figures(
        [
            *("deliveries_made", "robot_deliveries", "deliveries_fallen_back", "fallback_rate"),
            *("requests", "requests_failed", "call_error_rate"),
        ],
        ["integration_day__integration_source"],
        "with made as (select integration_source, count(*) as made,"
        " count(*) filter (where robot_attempt_count > 0) as robot,"
        " count(*) filter (where is_doordash_fallback) as fallen from coco_marts.deliveries"
        " where not is_deleted and merchant_id is not null group by integration_source),"
        " called as (select integration_source, count(*) as asked,"
        " count(*) filter (where outcome <> 'succeeded') as failed from coco_marts.integration_calls"
        " where direction = 'request' and outcome <> 'awaiting' and merchant_id is not null"
        " group by integration_source)"
        " select made.integration_source, made, robot, fallen, fallen, robot, asked, failed, failed, asked"
        " from made left join called on made.integration_source = called.integration_source",
        ratios=["fallback_rate", "call_error_rate"],
    ),
]


def figure(value: Any) -> Any:
    """A value of either engine and of MetricFlow as one: whole numbers, days, text."""
    if isinstance(value, Decimal) and value == int(value):
        return int(value)
    return value.date() if isinstance(value, datetime) else value


@pytest.fixture(params=["duckdb", "postgres"])
def warehouse(request: pytest.FixtureRequest, built_warehouse: Callable[[str], Warehouse]) -> Warehouse:
    return built_warehouse(request.param)


def metrics_project(warehouse: Warehouse, folder: Path) -> Path:
    """A folder in which `mf` finds what it reads: the project's settings, the profile and what dbt parsed."""
    (folder / "target").mkdir()
    shutil.copy(PROJECT / "dbt_project.yml", folder)
    shutil.copy(warehouse.folder / "profiles.yml", folder)
    shutil.copy(warehouse.folder / "target" / "semantic_manifest.json", folder / "target")
    return folder


@dataclass(frozen=True)
class Query:
    """Metrics by the dimensions that they are grouped by, where a filter of MetricFlow's holds."""

    metrics: Sequence[str]
    groups: Sequence[str]
    where: str | None = None


def ask_metricflow(warehouse: Warehouse, folder: Path, *asked: Query) -> list[dict[Row, Row]]:
    """Query metrics with MetricFlow in this process, as `mf query` does; each answer is groups to metrics."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    metrics_project(warehouse, folder)
    own = with_own_file(warehouse, folder)
    variables = {**own.environment, "COCO_TARGET": warehouse.target, "DBT_LOG_PATH": str(folder / "logs")}
    answers = []
    with environment(variables):
        try:
            configuration = CLIConfiguration()
            configuration.setup(folder, folder, configure_file_logging=False)
            for query in asked:
                request = MetricFlowQueryRequest.create(
                    metric_names=query.metrics,
                    group_by_names=query.groups,
                    where_constraints=[query.where] if query.where else None,
                )
                found = configuration.mf.query(request).result_df
                assert found is not None
                place = found.column_names.index
                answers.append(
                    {
                        tuple(figure(row[place(group)]) for group in query.groups): tuple(
                            figure(row[place(metric)]) for metric in query.metrics
                        )
                        for row in found.rows
                    }
                )
        finally:
            # An open DuckDB file shuts all others out.
            reset_adapters()
            DuckDBConnectionManager.close_all_connections()
    return answers


def expected_figures(warehouse: Warehouse, figures: Figures) -> dict[Row, Row]:
    found = {}
    for row in warehouse.rows(figures.sql):
        columns = iter([figure(value) for value in row])
        group = tuple(next(columns) for _ in figures.groups)
        found[group] = tuple(
            share(next(columns), next(columns)) if metric in figures.ratios else next(columns)
            for metric in figures.metrics
        )
    return found


def share(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


def test_every_metric_is_what_the_marts_say(warehouse: Warehouse, tmp_path: Path) -> None:
    answers = ask_metricflow(warehouse, tmp_path, *(Query(figures.metrics, figures.groups) for figures in FIGURES))
    for figures, answer in zip(FIGURES, answers, strict=True):
        assert answer == expected_figures(warehouse, figures), figures.metrics
        for place, metric in enumerate(figures.metrics):
            assert any(row[place] for row in answer.values()), f"{metric} is nothing in the sample"


def test_no_metric_is_left_out(duckdb_warehouse: Warehouse) -> None:
    named = {metric.split(".")[-1] for metric in duckdb_warehouse.manifest()["metrics"]}
    assert named == {metric for figures in FIGURES for metric in figures.metrics}


def test_the_pages_show_the_metrics(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    totals, matched, classes, states, opened, requests = ask_metricflow(
        warehouse,
        tmp_path / "project",
        Query(["expected", "stated", "paid", "deposited", "variance"], ["merchant_pay_period__currency_code"]),
        Query(["orders_stated", "orders"], ["reconciled_order__currency_code"]),
        Query(["claimed_variance"], ["claim__currency_code", "claim__break_class"]),
        Query(
            ["payouts_due", "payouts_deposited", "payouts_in_transit"],
            ["payout__currency_code", "payout__payout_state"],
        ),
        Query(["open_exceptions", "open_exception_amount"], ["exception__currency_code", "exception__break_class"]),
        Query(
            ["requests", "requests_failed"],
            ["merchant", "integration_day__integration_source"],
            LAST_SEVEN_DAYS,
        ),
    )
    reader = reader_of(warehouse, tmp_path / "published.duckdb")
    with reader.reading() as reading:
        integrations = reading.rows(queries.INTEGRATIONS, merchant=None, health=None)
    shown_requests = {
        (row["merchant_id"], row["integration_source"]): (row["request_count_7d"], row["failed_request_count_7d"])
        for row in integrations
    }
    assert {group: row for group, row in shown_requests.items() if row[0]} == {
        group: row for group, row in requests.items() if row[0]
    }
    assert len(totals) >= 2
    for (currency,), amounts in totals.items():
        with reader.reading() as reading:
            shown = figures_of(overview(reading, currency))
            everything: Mapping[str, object] = {"currency": currency, "platform": None, "merchant": None}
            shown_classes = reading.rows(queries.CLAIMS_BY_CLASS, **everything)
            shown_states = reading.rows(queries.PAYOUT_STATES, currency=currency)
            shown_open = reading.rows(queries.OPEN_BY_CLASS, **everything)
        names = ("Expected", "Stated", "Paid", "Deposited", "Variance")
        assert shown == {
            **{name: display.money(cents) for name, cents in zip(names, amounts, strict=True)},
            "Matched orders": display.share(*matched[currency,]),
        }
        assert of_currency(classes, currency) == {row["break_class"]: (row["claimed_cents"],) for row in shown_classes}
        assert of_currency(states, currency) == {
            row["payout_state"]: (row["due_cents"], row["deposited_cents"], row["in_transit_cents"])
            for row in shown_states
        }
        assert {name: row for name, row in of_currency(opened, currency).items() if row[0]} == {
            row["break_class"]: (row["exception_count"], row["open_cents"]) for row in shown_open
        }


def of_currency(rows: Mapping[Row, Row], currency: str) -> dict[str, Row]:
    return {name: row for (of, name), row in rows.items() if of == currency}


def test_a_change_of_a_model_is_parsed_without_the_rest(tmp_path: Path) -> None:
    """dbt 1.12 finds a ratio twice after a change of the model that it stands under; so ratios stand by themselves."""
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(PROJECT / "dbt_project.yml", project)
    for name in ("models", "macros", "seeds", "tests", "analyses", "snapshots"):
        shutil.copytree(PROJECT / name, project / name)
    shutil.copy(PROJECT / "profiles.example.yml", tmp_path / "profiles.yml")
    with environment({"COCO_DUCKDB_PATH": str(tmp_path / "warehouse.duckdb")}):
        run_dbt(["parse"], tmp_path, project).assert_succeeded()
        manifest = json.loads((tmp_path / "target" / "semantic_manifest.json").read_text(encoding="utf-8"))
        models = {model["node_relation"]["alias"] for model in manifest["semantic_models"]}
        for file in (project / "models" / "marts").rglob("*.sql"):
            if file.stem in models:
                file.write_text(f"-- changed\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
        run_dbt(["parse"], tmp_path, project).assert_succeeded()


def test_mf_validates_and_queries(duckdb_warehouse: Warehouse, tmp_path: Path) -> None:
    """The commands that the README gives, as they are given there."""
    folder = metrics_project(duckdb_warehouse, tmp_path)
    own = with_own_file(duckdb_warehouse, tmp_path)
    validated = run_command("mf", "validate-configs", "--show-all", folder=folder, **own.environment)
    assert validated.returncode == 0, validated.stdout + validated.stderr
    assert "(ERRORS: 0, FUTURE_ERRORS: 0, WARNINGS: 0)" in validated.stdout
    assert "Successfully validated metrics against data warehouse" in validated.stdout
    run_command(
        *("mf", "query", "--metrics", "claimed_variance", "--csv", "classes.csv"),
        *("--group-by", "claim__currency_code,claim__break_class"),
        folder=folder,
        **own.environment,
    ).check_returncode()
    with (folder / "classes.csv").open(encoding="utf-8", newline="") as file:
        rows = {
            (row["claim__currency_code"], row["claim__break_class"]): int(row["claimed_variance"])
            for row in csv.DictReader(file)
        }
    claimed = duckdb_warehouse.rows(
        "select currency_code, break_class, sum(claimed_cents) from coco_marts.reconciliation_claims group by 1, 2"
    )
    assert rows == {(currency, name): int(cents) for currency, name, cents in claimed}


def test_claims_count_for_a_day_of_what_carries_them(warehouse: Warehouse) -> None:
    """The posting date of the line; of a part of a sale, of its last line; of an order without a line, its own."""
    levels = warehouse.rows(
        "select claims.claim_level, count(*), count(*) filter (where claims.claim_date = case"
        " when claims.claim_level in ('line', 'store') then lines.posting_date"
        " when claims.claim_level = 'order' then orders.order_date else sales.posting_date end)"
        " from coco_marts.reconciliation_claims as claims"
        " left join coco_marts.statement_lines as lines on claims.statement_line_id = lines.statement_line_id"
        " left join coco_marts.orders as orders on claims.order_id = orders.order_id"
        " left join (select order_id, max(posting_date) as posting_date from coco_marts.statement_lines"
        " where line_type in ('sale', 'cancellation') group by order_id) as sales on claims.order_id = sales.order_id"
        " group by claims.claim_level"
    )
    assert {level for level, *_ in levels} == {"line", "store", "component", "order"}
    assert [level for level, claims, dated in levels if claims != dated] == []

"""What the integration marts say is what the simulator planted, what the raw queries find, and no more.

The seed of the planted sample is drawn anew in each run and printed; to replay one set COCO_TEST_INTEGRATION_SEED.
"""

from __future__ import annotations

import csv
import json
import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from agreement import marts_of
from test_analyses import SYNCED
from warehouses import AS_OF, PROJECT, Warehouse, made_once

from coco_warehouse.simulate import simulate
from coco_warehouse.simulate.faults import CATALOGUE

Row = tuple[Any, ...]

SEED = "COCO_TEST_INTEGRATION_SEED"
# Shares at which a sample of this size holds several of each class. Missing documents make no integration silent.
ORDERS = 1500
SHARES = {
    "unanswered_create": 0.06,
    "wrong_id_type": 0.06,
    "orphan_reference": 0.06,
    "double_link": 0.04,
    "deleted_parent": 0.04,
    "repeated_create": 0.06,
    "cancel_after_completion": 0.06,
    "response_not_json": 0.06,
    "silent_integration": 0.4,
    "duplicated_external_id": 0.3,
    "missing_in_orders": 0.05,
    "ambiguous": 0.02,
}
# Planted in every sample, as ordinary life.
ALWAYS_THERE = {"active_test_merchant", "active_deleted_merchant"}

# The tables that the delivery platform's document of integration providers names, those of its queries included.
DOCUMENTED_TABLES = {
    "deliveries_rds_public": [
        "doordash_references",
        "doordash_requests",
        "doordash_responses",
        "olo_references",
        "olo_providers",
        "partner_olo_configs",
        "olo_config_providers",
        "olo_requests",
        "olo_responses",
        "partner_configs",
    ],
    "deliveriesv3prod_rds_public": ["deliveries", "delivery_attempts", "attempts"],
    "config_rds_public": ["integration", "merchant"],
}


@dataclass(frozen=True)
class Planted:
    """A sample with integration faults, built on DuckDB; `seed` makes it again."""

    seed: int
    warehouse: Warehouse
    faults: list[dict[str, Any]]


@pytest.fixture(scope="session")
def planted(run_folder: Path, warehouse_at: Callable[[str, Path], Warehouse]) -> Planted:
    def make(folder: Path) -> None:
        seed = int(os.environ.get(SEED) or random.SystemRandom().randrange(10**6))
        (folder / "seed").write_text(str(seed), encoding="utf-8")
        simulate(folder / "sample", orders=ORDERS, seed=seed, faults=SHARES, project_dir=PROJECT)
        warehouse = warehouse_at("duckdb", folder)
        warehouse.load(folder / "sample" / "raw")
        models = ["integration_anomalies", "deliveries", "merchants", "integration_settings", "order_delivery_links"]
        models += ["doordash_deliveries", "olo_orders", "merchant_integrations_daily", "doordash_status_changes"]
        warehouse.dbt("build", "--select", *(f"+{model}" for model in models)).assert_succeeded()
        # here, since compiling takes the file that other processes will read
        warehouse.dbt("compile", "--select", "resource_type:analysis").assert_succeeded()

    folder = made_once(run_folder / "planted", make)
    seed = int((folder / "seed").read_text(encoding="utf-8"))
    print(f"to replay: {SEED}={seed}")
    lines = (folder / "sample" / "truth" / "faults.ndjson").read_text(encoding="utf-8").splitlines()
    return Planted(seed, warehouse_at("duckdb", folder), [json.loads(line) for line in lines])


def test_every_planted_fault_is_found_under_its_name_and_nothing_else(planted: Planted) -> None:
    truth = {(line["break_class"], line["entity"], line["entity_id"]) for line in planted.faults if line.get("entity")}
    classes = {fault.name for fault in CATALOGUE if fault.letter == "integration"} | ALWAYS_THERE
    replay = f"to replay: {SEED}={planted.seed}"
    assert {name for name, _, _ in truth} == classes, replay

    found = set(planted.warehouse.rows("select anomaly, entity_type, entity_id from coco_marts.integration_anomalies"))
    assert sorted(truth - found) == [], f"planted, and not found; {replay}"
    assert sorted(found - truth) == [], f"found, and not planted; {replay}"


def test_the_marts_of_attempts_list_their_anomalies(planted: Planted) -> None:
    [(listed,)] = planted.warehouse.rows("select sum(anomaly_count) from coco_marts.doordash_deliveries")
    of_doordash = {
        "unanswered_create",
        "wrong_id_type",
        "orphan_reference",
        "repeated_create",
        "cancel_after_completion",
    }
    assert listed == sum(line["break_class"] in of_doordash for line in planted.faults), planted.seed


def test_every_delivery_and_order_is_linked_or_says_why(planted: Planted) -> None:
    rows = planted.warehouse.rows
    links = rows("select order_id, delivery_id, link_method, link_reason from coco_marts.order_delivery_links")
    assert Counter(delivery for _, delivery, _, _ in links if delivery) == Counter(
        delivery for (delivery,) in rows("select delivery_id from coco_marts.deliveries")
    )
    assert {order for order, _, _, _ in links if order} == {
        order for (order,) in rows("select order_id from coco_marts.orders")
    }
    for order, delivery, method, reason in links:
        assert (reason is None) == bool(order and delivery), (order, delivery)
        assert (method in ("none", "ambiguous")) == (reason is not None), (order, delivery)
    methods = Counter(method for _, _, method, _ in links)
    assert methods["platform_order_id"] and methods["olo_order_id"] and methods["none"], planted.seed


def test_every_request_is_paired_or_says_why(planted: Planted) -> None:
    calls = planted.warehouse.rows(
        "select call_id, direction, paired_call_id, pair_reason, latency_ms from coco_marts.integration_calls"
    )
    raw = sum(
        planted.warehouse.rows(f"select count(*) from deliveries_rds_public.{table}")[0][0]
        for table in ("doordash_requests", "doordash_responses", "olo_requests", "olo_responses")
    )
    assert len(calls) == raw > 0
    partners = {call: partner for call, _, partner, _, _ in calls if partner}
    assert all(partners[partner] == call for call, partner in partners.items())
    assert all((partner is None) == (reason is not None) for _, _, partner, reason, _ in calls)
    assert all(latency >= 0 for _, _, partner, _, latency in calls if partner)
    unanswered = {line["entity_id"] for line in planted.faults if line["break_class"] == "unanswered_create"}
    found = planted.warehouse.rows(
        "select attempt_id from coco_marts.integration_calls where direction = 'request' and paired_call_id is null"
    )
    assert {attempt for (attempt,) in found} == unanswered


def test_days_add_up_to_the_orders_and_deliveries(planted: Planted) -> None:
    rows = planted.warehouse.rows
    [(orders, deliveries)] = rows(
        "select sum(order_count), sum(delivery_count) from coco_marts.merchant_integrations_daily"
    )
    assert [(orders,)] == rows("select count(*) from coco_marts.orders where merchant_id is not null")
    assert [(deliveries,)] == rows("select count(*) from coco_marts.deliveries where not is_deleted")


def rows_of_analysis(warehouse: Warehouse, name: str, step: int) -> set[Row]:
    """Run a common query as of the days of the sample, `step` days apart."""
    compiled = warehouse.folder / "target" / "compiled" / "coco_warehouse" / "analyses" / f"{name}.sql"
    text = compiled.read_text(encoding="utf-8")
    assert AS_OF in text
    last = datetime.fromisoformat(AS_OF)
    days = [(last - timedelta(days=days)).isoformat(sep=" ") for days in range(0, 49, step)]
    return {row for day in days for row in warehouse.rows(text.replace(AS_OF, day))}


def test_doordash_status_on_the_mart_is_that_of_the_raw_query(planted: Planted) -> None:
    """The raw query compares numbers of the first service with ids of the present one, so it sees few deliveries."""
    raw = rows_of_analysis(planted.warehouse, "doordash_delivery_status", 7)
    mart = planted.warehouse.rows(
        """
        select
            deliveries.delivery_id, found.provider, found.attempt_status, found.sent_to_doordash_at,
            found.last_response_status, found.last_response_at,
            found.doordash_delivery_number = deliveries.delivery_id, found.delivery_match_method
        from coco_marts.doordash_deliveries as found
        inner join coco_marts.deliveries on found.delivery_id = deliveries.delivery_id
        where found.provider = 'DOORDASH' and found.is_reference_known and not deliveries.is_deleted
        """
    )
    same_id = {row[:6] for row in mart if row[6]}
    assert raw == same_id, planted.seed
    assert len(same_id) > 0, planted.seed
    # What the raw query misses: the reference holds a number that is no delivery's id, and its attempt tells it.
    missed = [row for row in mart if not row[6]]
    assert len(missed) > len(same_id), planted.seed
    assert {row[7] for row in missed} == {"attempt"}, planted.seed


def test_olo_orders_on_the_mart_are_those_of_the_raw_query(planted: Planted) -> None:
    raw = rows_of_analysis(planted.warehouse, "olo_order_source", 1)
    mart = planted.warehouse.rows(
        """
        select
            deliveries.delivery_id, deliveries.merchant_id, merchants.partner_store_name,
            deliveries.integration_source, deliveries.olo_order_id, deliveries.created_at
        from coco_marts.deliveries
        left join coco_marts.merchants on deliveries.merchant_id = merchants.merchant_id
        where deliveries.integration_source = 'olo' and not deliveries.is_deleted
        """
    )
    assert len(mart) > 0
    assert raw == set(mart), planted.seed


def test_configuration_on_the_mart_is_that_of_the_raw_query(planted: Planted) -> None:
    compiled = planted.warehouse.folder / "target" / "compiled" / "coco_warehouse" / "analyses"
    text = (compiled / "integration_configuration_by_merchant.sql").read_text(encoding="utf-8")
    raw = planted.warehouse.rows(text)
    mart = planted.warehouse.rows(
        """
        select
            merchants.merchant_id, merchants.merchant_name, settings.integration_source,
            settings.is_active, settings.external_ids, settings.is_deviceless
        from coco_marts.merchants
        left join coco_marts.integration_settings as settings on merchants.merchant_id = settings.merchant_id
        where merchants.is_configured and not merchants.is_test and not merchants.is_deleted
        """
    )
    assert Counter(raw) == Counter(mart)
    assert raw


def test_every_documented_table_reaches_a_mart(duckdb_warehouse: Warehouse) -> None:
    manifest = duckdb_warehouse.manifest()
    marts = {node["unique_id"] for node in marts_of(duckdb_warehouse).values()}
    sources = {(node["source_name"], node["name"]): key for key, node in manifest["sources"].items()}
    without = []
    for schema, tables in DOCUMENTED_TABLES.items():
        for table in tables:
            reached, waiting = set(), [sources[schema, table]]
            while waiting:
                node = waiting.pop()
                if node not in reached:
                    reached.add(node)
                    waiting += manifest["child_map"].get(node, [])
            if not reached & marts:
                without.append(f"{schema}.{table}")
    assert without == []


NO_JSON = "document: expected an object, found no readable JSON"
# A payload, whether it is readable, whether it says that the call failed, and what is found in it.
PAYLOADS: list[tuple[str, bool, bool, str | None]] = [
    ('{"status": "created", "fee": 712, "currency": " usd ", "driver": {"name": "CANARY-x"}}', True, False, None),
    ("<html>502</html>", False, False, NO_JSON),
    ("", False, False, NO_JSON),
    ('{"status": "created", "status": "delivered"}', False, False, NO_JSON),
    ('{"status": "\\u0000"}', False, False, NO_JSON),
    ('{"fee": NaN}', False, False, NO_JSON),
    ("[1, 2]", False, False, "document: expected an object, found an array"),
    ('"created"', False, False, "document: expected an object, found text"),
    ("null", False, False, "document: expected an object, found nothing"),
    ('{"status": 5}', True, False, "status: expected text, found a number"),
    ('{"currency": " "}', True, False, None),
    ('{"fee": "712"}', True, False, "fee: expected whole cents, found text"),
    ('{"fee": 7.125}', True, False, "fee: expected whole cents, found a fraction"),
    ('{"driver": "CANARY-x"}', True, False, "driver: expected an object, found text"),
    ('{"error": "CANARY-x"}', True, True, "error: expected an object, found text"),
    ('{"error": {}, "status": "created"}', True, False, None),
    ('{"code": 404, "message": "not found"}', True, True, "code: expected text, found a number"),
    (
        '{"dropoff_time_actual": "yesterday"}',
        True,
        False,
        "dropoff_time_actual: expected a time such as 2026-09-01T18:20:46.900Z, found other text",
    ),
    (' {"external_delivery_id": 12, "delivery_id": {"a": 1}}', True, False, None),
    ('{"error": {"code": "invalid_phone", "message": "call +1 (310) 555-0199, or 55"}}', True, True, None),
]


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_payloads_of_any_shape_are_kept_and_judged_alike(
    engine: str, new_warehouse: Callable[[str], Warehouse], tmp_path: Path
) -> None:
    warehouse = new_warehouse(engine)
    columns = ["id", "attempt_id", "type", "payload", "created_at", "_fivetran_deleted", "_fivetran_synced"]
    for table in ("doordash_responses", "doordash_requests"):
        named = [column for column in columns if (table, column) != ("doordash_requests", "attempt_id")]
        with (tmp_path / f"deliveries_rds_public.{table}.2026-10-20.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, named, extrasaction="ignore")
            writer.writeheader()
            for number, (payload, *_) in enumerate(PAYLOADS):
                row = [f"{number:02d}", "a", "CREATE", payload, SYNCED, "false", SYNCED]
                writer.writerow(dict(zip(columns, row, strict=True)))
    report = warehouse.load(tmp_path)
    assert len(report.with_status("landed")) == 2, report
    warehouse.dbt("run", "--select", "+int_doordash_calls").assert_succeeded()

    for direction in ("request", "response"):
        found = warehouse.rows(
            f"""
            select
                has_readable_payload, is_failed, payload_findings, named_attempt_id, doordash_delivery_id,
                error_code, error_message, fee_cents, has_driver, currency_code
            from coco_restricted.int_doordash_calls
            where direction = '{direction}'
            order by call_id
            """
        )
        assert [row[:3] for row in found] == [payload[1:] for payload in PAYLOADS]
        assert found[0][7:] == (712, True, "USD")
        assert [row[9] for row in found[1:]] == [None] * (len(PAYLOADS) - 1)
        assert found[-2][3:5] == ("12", None)
        told = ("invalid_phone", "call +1 (310) 555-0199, or 55") if direction == "response" else (None, None)
        assert found[-1][5:7] == told


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_a_changed_setting_is_told(engine: str, new_warehouse: Callable[[str], Warehouse], sample: Path) -> None:
    warehouse = new_warehouse(engine)
    warehouse.load(*sorted((sample / "raw" / "tables").glob("config_rds_public.*")))

    def changes() -> list[Row]:
        warehouse.dbt("build", "--select", "+integration_setting_changes").assert_succeeded()
        return warehouse.rows("select * from coco_marts.integration_setting_changes")

    assert changes() == []
    row = "merchant_id, source from config_rds_public.integration where is_active and not _fivetran_deleted"
    [(merchant, source)] = warehouse.rows(f"select {row} order by 1, 2 limit 1")
    chosen = f"where merchant_id = '{merchant}' and source = '{source}'"
    warehouse.execute(
        "update config_rds_public.integration set is_active = false, unlock_pin = 'CANARY-9999',"
        f" updated_at = '2026-10-31 10:00:00+00' {chosen}"
    )
    [change] = changes()
    assert change[:2] == (merchant, source)
    assert change[3:7] == ("is_active", "true", "false", datetime(2026, 10, 31, 10))
    # Without a word from the source only the run's own moment is known.
    warehouse.execute(f"update config_rds_public.integration set is_active = true {chosen}")
    assert sorted((change[4:6], change[6]) for change in changes()) == [
        (("false", "true"), None),
        (("true", "false"), datetime(2026, 10, 31, 10)),
    ]

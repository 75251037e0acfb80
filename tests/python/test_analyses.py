"""The three common queries of the delivery platform's documentation compile and run, alike, on both engines."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from warehouses import AS_OF, Warehouse, with_own_file

ANALYSES = ["doordash_delivery_status", "olo_order_source", "integration_configuration_by_merchant"]


SYNCED = "2026-10-20T00:00:00Z"
DOORDASH, ROBOT = "DOORDASH", "COCO"

# Raw rows, and the moment that they are looked at from, UTC. Values are texts, as in a CSV.
LOOKED_AT_FROM = "2026-10-20 12:00:00"
RAW: dict[str, list[dict[str, str]]] = {
    "deliveriesv3prod_rds_public.deliveries": [
        # id, source, made at; what DoorDash and OLO have of it stands below
        {"id": "100", "order_source": "doordash", "created_at": "2026-10-19T08:00:00Z"},
        {"id": "101", "order_source": "doordash", "created_at": "2026-10-13T00:00:01Z"},
        {"id": "102", "order_source": "doordash", "created_at": "2026-10-20T11:59:59Z"},
        {"id": "103-is-no-number", "order_source": "doordash", "created_at": "2026-10-19T08:00:00Z"},
        {"id": "104", "order_source": "doordash", "created_at": "2026-10-13T00:00:00Z"},
        {"id": "105", "order_source": "doordash", "created_at": "2026-10-20T12:00:01Z"},
        {"id": "106", "order_source": "doordash", "created_at": "2026-10-19T08:00:00Z", "_fivetran_deleted": "true"},
        {"id": "107", "order_source": "doordash", "created_at": "2026-10-19T08:00:00Z"},
        {"id": "108", "order_source": "doordash", "created_at": "2026-10-19T08:00:00Z"},
        {"id": "olo-1", "partner_id": "named", "order_source": "olo", "created_at": "2026-10-19T00:00:01Z"},
        {"id": "olo-2", "partner_id": "nameless", "order_source": "olo", "created_at": "2026-10-20T11:00:00Z"},
        {"id": "olo-3", "partner_id": "named", "order_source": "olo", "created_at": "2026-10-19T00:00:00Z"},
        {
            "id": "olo-4",
            "partner_id": "named",
            "order_source": "olo",
            "created_at": "2026-10-20T11:00:00Z",
            "_fivetran_deleted": "true",
        },
    ],
    "deliveriesv3prod_rds_public.delivery_attempts": [
        {"delivery_id": delivery_id, "attempt_id": f"attempt-{delivery_id}"}
        for delivery_id in ["100", "101", "102", "103-is-no-number", "104", "105", "106", "107", "108"]
    ],
    "deliveriesv3prod_rds_public.attempts": [
        {"id": f"attempt-{delivery_id}", "provider": provider, "status": "COMPLETED"}
        for delivery_id, provider in [
            ("100", DOORDASH),
            ("101", DOORDASH),
            ("102", DOORDASH),
            ("103-is-no-number", DOORDASH),
            ("104", DOORDASH),
            ("105", DOORDASH),
            ("106", DOORDASH),
            ("107", ROBOT),
            ("108", DOORDASH),
        ]
    ],
    "deliveries_rds_public.doordash_references": [
        {"delivery_id": number, "attempt_id": f"attempt-{number}", "created_at": "2026-10-19T08:10:00Z"}
        for number in ["100", "101", "102", "104", "105", "106", "107", "108"]
    ],
    "deliveries_rds_public.doordash_responses": [
        {"id": response_id, "attempt_id": attempt_id, "type": "UPDATE", "payload": payload, "created_at": at}
        for response_id, attempt_id, payload, at in [
            ("r1", "attempt-100", '{"status": "created"}', "2026-10-19T08:11:00Z"),
            # Two of one moment: the greatest id by its bytes, in which B stands before a.
            ("ra", "attempt-100", '{"status": "delivered"}', "2026-10-19T08:40:00Z"),
            ("rB", "attempt-100", '{"status": "picked_up"}', "2026-10-19T08:40:00Z"),
            ("r4", "attempt-101", "<html>502 Bad Gateway</html>", "2026-10-19T08:12:00Z"),
            # PostgreSQL takes this for json and cannot read it.
            ("r5", "attempt-102", '{"status": "created\\u0000"}', "2026-10-20T12:00:00Z"),
        ]
    ],
    "deliveries_rds_public.partner_configs": [{"partner_id": "named", "store_name": "Blue Heron Poke (Venice)"}],
    "deliveries_rds_public.olo_references": [
        {"delivery_id": "olo-1", "original_delivery_id": "7001", "created_at": "2026-10-19T00:00:01Z"},
        {"delivery_id": "olo-3", "original_delivery_id": "7003", "created_at": "2026-10-19T00:00:00Z"},
    ],
    "config_rds_public.merchant": [
        {"merchant_id": "m1", "name": "alpha", "is_test_merchant": "false"},
        {"merchant_id": "m2", "name": "Zeta", "is_test_merchant": "false"},
        {"merchant_id": "m3", "name": "Without", "is_test_merchant": "false"},
        {"merchant_id": "m4", "name": "Test", "is_test_merchant": "true"},
        {"merchant_id": "m5", "name": "Gone", "is_test_merchant": "false", "_fivetran_deleted": "true"},
    ],
    "config_rds_public.integration": [
        {"merchant_id": merchant_id, "source": source, "type": "marketplace", "is_active": is_active}
        | {"external_ids": external_ids, "is_deviceless": "false"}
        for merchant_id, source, is_active, external_ids in [
            ("m1", "olo", "true", '{"store_id": "7"}'),
            ("m2", "olo", "true", '["7", 8]'),
            ("m2", "doordash", "false", ""),
            ("m4", "olo", "true", '"9"'),
            ("m5", "olo", "true", '"9"'),
        ]
    ],
}

EXPECTED: dict[str, list[tuple[Any, ...]]] = {
    "doordash_delivery_status": [
        ("100", DOORDASH, "COMPLETED", datetime(2026, 10, 19, 8, 10), "delivered", datetime(2026, 10, 19, 8, 40)),
        ("101", DOORDASH, "COMPLETED", datetime(2026, 10, 19, 8, 10), None, datetime(2026, 10, 19, 8, 12)),
        ("102", DOORDASH, "COMPLETED", datetime(2026, 10, 19, 8, 10), None, datetime(2026, 10, 20, 12)),
        ("108", DOORDASH, "COMPLETED", datetime(2026, 10, 19, 8, 10), None, None),
    ],
    "olo_order_source": [
        ("olo-1", "named", "Blue Heron Poke (Venice)", "olo", "7001", datetime(2026, 10, 19, 0, 0, 1)),
        ("olo-2", "nameless", None, "olo", None, datetime(2026, 10, 20, 11)),
    ],
    "integration_configuration_by_merchant": [
        ("m3", "Without", None, None, None, None),
        ("m2", "Zeta", "doordash", False, None, False),
        ("m2", "Zeta", "olo", True, '["7", 8]', False),
        ("m1", "alpha", "olo", True, '{"store_id": "7"}', False),
    ],
}


def rows_of_analyses(warehouse: Warehouse, folder: Path, as_of: str = AS_OF) -> dict[str, list[tuple[Any, ...]]]:
    """Compile the analyses for a warehouse, in a folder of their own, and run what came out."""
    folder.mkdir()
    shutil.copy(warehouse.folder / "profiles.yml", folder)
    compiled = replace(with_own_file(warehouse, folder), folder=folder)
    compiled.dbt("compile", "--select", "resource_type:analysis", variables={"as_of": as_of}).assert_succeeded()
    texts = folder / "target" / "compiled" / "coco_warehouse" / "analyses"
    return {name: warehouse.rows((texts / f"{name}.sql").read_text(encoding="utf-8")) for name in ANALYSES}


def write_extracts(folder: Path) -> Path:
    """Write the raw rows above as table extracts."""
    for table, rows in RAW.items():
        columns = list(dict.fromkeys(name for row in rows for name in row))
        columns += [name for name in ("_fivetran_deleted", "_fivetran_synced") if name not in columns]
        columns += [name for name in REQUIRED.get(table, []) if name not in columns]
        with (folder / f"{table}.2026-10-20.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            for row in rows:
                writer.writerow({"_fivetran_deleted": "false", "_fivetran_synced": SYNCED} | row)
    return folder


# Documented columns that the queries do not read, and that a table must have all the same.
REQUIRED = {
    "deliveries_rds_public.olo_references": ["attempt_id"],
    "config_rds_public.integration": ["pickup_override_minutes", "unlock_pin"],
}


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_the_common_queries_find_what_they_should(
    engine: str, new_warehouse: Callable[[str], Warehouse], tmp_path: Path
):
    warehouse = new_warehouse(engine)
    extracts = tmp_path / "extracts"
    extracts.mkdir()
    report = warehouse.load(write_extracts(extracts))
    assert len(report.with_status("landed")) == len(RAW), report

    found = rows_of_analyses(warehouse, tmp_path / "compiled", LOOKED_AT_FROM)

    assert sorted(found["doordash_delivery_status"]) == EXPECTED["doordash_delivery_status"]
    assert sorted(found["olo_order_source"]) == EXPECTED["olo_order_source"]
    # This one promises an order.
    assert found["integration_configuration_by_merchant"] == EXPECTED["integration_configuration_by_merchant"]


def test_the_common_queries_are_alike_on_the_sample(
    duckdb_warehouse: Warehouse, postgres_warehouse: Warehouse, tmp_path: Path
):
    on_duckdb = rows_of_analyses(duckdb_warehouse, tmp_path / "duckdb")
    on_postgres = rows_of_analyses(postgres_warehouse, tmp_path / "postgres")
    for name in ANALYSES:
        assert Counter(on_duckdb[name]) == Counter(on_postgres[name]), name
    assert on_duckdb["integration_configuration_by_merchant"]
    assert on_duckdb["integration_configuration_by_merchant"] == on_postgres["integration_configuration_by_merchant"]

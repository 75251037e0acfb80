"""The order marts built on documents alone, for tests that land documents of their own."""

from __future__ import annotations

from pathlib import Path

from warehouses import PROJECT, Warehouse, create_database, environment

from coco_warehouse.catalog import read_catalog
from coco_warehouse.targets import resolve_target

# What the expected ledger sums of the documents must hold for any of them too.
SELECTION = "+path:models/marts/orders +int_order_amounts"


def load_order_documents(warehouse: Warehouse, *files: Path) -> None:
    """Make the database of a warehouse, load files into it, and make empty what else the order marts read."""
    create_database(warehouse)
    warehouse.load(*files)
    with environment(warehouse.environment):
        tables = read_catalog(resolve_target(warehouse.target, warehouse.folder, PROJECT)).tables
    for table in tables:
        if table.schema == "config_rds_public":
            types = {"string": "varchar(1000)", "json": "json"}
            columns = [f"{column.name} {types.get(column.data_type, column.data_type)}" for column in table.columns]
            warehouse.execute(
                f"create schema if not exists {table.schema}",
                f"create table if not exists {table.schema}.{table.identifier} ({', '.join(columns)})",
            )


def build_order_marts(warehouse: Warehouse) -> None:
    """Build the order marts, what they read and the laws that apply to them; fail with what dbt printed."""
    warehouse.dbt("build", "--select", SELECTION).assert_succeeded()

"""Every mart is the same on DuckDB and PostgreSQL: columns, types, and rows to the last value.

Both warehouses are built from the same raw files, loaded at the same moment and looked at from the same day.
"""

from __future__ import annotations

import pytest
from agreement import EMPTY_ON_THE_SAMPLE, assert_same_mart, differences, marts_of


def test_both_engines_have_the_same_marts(duckdb_warehouse, postgres_warehouse):
    marts = marts_of(duckdb_warehouse)
    assert marts
    assert set(marts) == set(marts_of(postgres_warehouse))


def test_the_same_files_landed(duckdb_warehouse, postgres_warehouse):
    query = "select source_file_hash, content_kind, content_format, row_count from coco_load.loaded_files"
    landed = sorted(duckdb_warehouse.rows(query))
    assert landed
    assert landed == sorted(postgres_warehouse.rows(query))
    for warehouse in (duckdb_warehouse, postgres_warehouse):
        assert warehouse.rows("select source_file_name, reason from coco_load.refused_files") == []


def test_every_mart_is_equal_row_for_row(duckdb_warehouse, postgres_warehouse, subtests):
    for name, node in sorted(marts_of(duckdb_warehouse).items()):
        with subtests.test(mart=name):
            on_duckdb = assert_same_mart(duckdb_warehouse, postgres_warehouse, node)
            if name in EMPTY_ON_THE_SAMPLE:
                assert not on_duckdb, f"{name} has rows: take it off the list of empty marts"
            else:
                assert on_duckdb, f"{name} has no row on the sample, so comparing it says nothing"


@pytest.mark.parametrize(
    ("duckdb_rows", "postgres_rows", "told"),
    [
        ([("a", 1)], [("a", 1)], []),
        ([("a", 1), ("b", 2)], [("b", 2), ("a", 1)], []),
        ([("a", 1)], [("a", 2)], ["id = 'a': cents: 1 on DuckDB, 2 on PostgreSQL"]),
        ([("a", None)], [("a", 0)], ["id = 'a': cents: None on DuckDB, 0 on PostgreSQL"]),
        ([("a", 1)], [("a", True)], ["id = 'a': cents: 1 on DuckDB, True on PostgreSQL"]),
        ([("a", 1)], [], ["id = 'a': 1 rows only on DuckDB, 0 only on PostgreSQL"]),
        ([("a", 1)], [("a", 1), ("a", 1)], ["id = 'a': 0 rows only on DuckDB, 1 only on PostgreSQL"]),
    ],
)
def test_a_difference_is_seen_and_named(duckdb_rows, postgres_rows, told):
    assert differences(["id", "cents"], ["id"], duckdb_rows, postgres_rows) == told

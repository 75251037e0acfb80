"""The laws hold on companies that are broken in every way at once, and the engines agree on them."""

from __future__ import annotations

from dataclasses import replace

from agreement import assert_same_mart, marts_of
from broken_companies import break_company, laws_broken

# One that broke six laws when it was first drawn.
COMPANY_NUMBER = 20


def test_the_laws_hold_and_the_engines_agree(new_warehouse, tmp_path):
    company = break_company(tmp_path, COMPANY_NUMBER)
    warehouses = [replace(new_warehouse(engine), project=company.project) for engine in ("duckdb", "postgres")]
    for warehouse in warehouses:
        warehouse.load(company.raw)
        run = warehouse.dbt("build")
        assert not laws_broken(run), f"{warehouse.engine}: {laws_broken(run)}\n{run.output}"
    for node in marts_of(warehouses[0]).values():
        assert_same_mart(*warehouses, node)

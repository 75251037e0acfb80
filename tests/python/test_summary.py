"""What `coco summary` prints: the totals of the marts, currencies apart."""

from __future__ import annotations

import contextlib
import io
import re
from collections import defaultdict

import pytest
from rich.console import Console
from warehouses import AS_OF, PROJECT, Warehouse, environment, run_command, with_own_file

from coco_warehouse.marts import PLAIN_WIDTH, MartsError, counted, money
from coco_warehouse.summary import PayoutTotals, PlatformTotals, print_summary, read_summary
from coco_warehouse.targets import resolve_target

ENGINES = ["duckdb", "postgres"]


def resolved(warehouse: Warehouse):
    with environment(warehouse.environment):
        return resolve_target(warehouse.target, warehouse.folder, PROJECT)


def summarised(warehouse: Warehouse):
    return read_summary(resolved(warehouse))


def test_one_is_no_plural():
    found = [counted(0, "file"), counted(1, "entry", "entries"), counted(1234, "entry", "entries")]
    assert found == ["0 files", "1 entry", "1,234 entries"]


@pytest.mark.parametrize(
    ("cents", "written"),
    [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (100, "1.00"), (-123456, "-1,234.56"), (10**12 + 1, "10,000,000,000.01")],
)
def test_cents_are_written_exactly(cents, written):
    assert money(cents) == written


@pytest.mark.parametrize("engine", ENGINES)
def test_totals_are_those_of_the_mart(built_warehouse, engine):
    warehouse = built_warehouse(engine)
    rows = warehouse.rows(
        "select platform, currency_code, has_order, has_statement, expected_cents, stated_cents, settled_cents, "
        "variance_cents, not_yet_stated_cents from coco_marts.order_reconciliation"
    )
    by_platform = defaultdict(list)
    for platform, currency, *row in rows:
        by_platform[platform, currency].append(row)
    assert len({currency for _, currency in by_platform}) > 1, "the sample should have several currencies"

    found = summarised(warehouse)
    assert [(total.platform, total.currency_code) for total in found.totals] == sorted(by_platform)
    for total in found.totals:
        of_platform = by_platform[total.platform, total.currency_code]
        assert total == PlatformTotals(
            total.platform,
            total.currency_code,
            orders=len(of_platform),
            matched=sum(has_order and has_statement for has_order, has_statement, *_ in of_platform),
            without_statement=sum(not has_statement for _, has_statement, *_ in of_platform),
            without_order=sum(not has_order for has_order, *_ in of_platform),
            expected_cents=sum(row[2] or 0 for row in of_platform),
            not_yet_stated_cents=sum(row[6] for row in of_platform),
            stated_cents=sum(row[3] or 0 for row in of_platform),
            settled_cents=sum(row[4] or 0 for row in of_platform),
            variance_cents=sum(row[5] or 0 for row in of_platform),
        )


@pytest.mark.parametrize("engine", ENGINES)
def test_every_stated_cent_is_in_the_summary(built_warehouse, engine):
    warehouse = built_warehouse(engine)
    found = summarised(warehouse)
    ((stated,),) = warehouse.rows("select sum(stated_cents) from coco_marts.stated_charges")
    told = [total.stated_cents for total in found.totals] + [line.stated_cents for line in found.other_lines]
    assert sum(told) == stated


@pytest.mark.parametrize("engine", ENGINES)
def test_every_claim_is_in_the_summary(built_warehouse, engine):
    warehouse = built_warehouse(engine)
    rows = warehouse.rows("select break_class, currency_code, claimed_cents from coco_marts.reconciliation_claims")
    expected = defaultdict(list)
    for break_class, currency, cents in rows:
        expected[break_class, currency].append(cents)
    found = summarised(warehouse).classes
    assert {(entry.break_class, entry.currency_code): (entry.claims, entry.claimed_cents) for entry in found} == {
        key: (len(cents), sum(cents)) for key, cents in expected.items()
    }
    assert all(entry.name for entry in found)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_payout_and_deposit_break_is_in_the_summary(built_warehouse, engine):
    warehouse = built_warehouse(engine)
    payouts = defaultdict(lambda: [0, 0, 0, 0, 0])
    for platform, currency, due, deposited, in_transit, is_traced in warehouse.rows(
        "select platform, currency_code, due_cents, deposited_cents, in_transit_cents, is_traced"
        " from coco_marts.payouts"
    ):
        sums = payouts[platform, currency]
        for place, number in enumerate((1, due, deposited, in_transit, 0 if is_traced else due)):
            sums[place] += number
    breaks = defaultdict(list)
    for break_class, currency, cents in warehouse.rows(
        "select break_class, currency_code, break_cents from coco_marts.deposit_breaks"
    ):
        breaks[break_class, currency].append(cents)
    assert breaks, "the sample should have deposit breaks"

    found = summarised(warehouse)
    assert found.payouts == [PayoutTotals(*key, *payouts[key]) for key in sorted(payouts)]
    assert {
        (entry.break_class, entry.currency_code): (entry.breaks, entry.break_cents) for entry in found.deposit_breaks
    } == {key: (len(cents), sum(cents)) for key, cents in breaks.items()}
    assert all(entry.name for entry in found.deposit_breaks)


def test_what_cannot_be_read_is_counted(duckdb_warehouse):
    [counts] = duckdb_warehouse.rows(
        "select (select count(*) from coco_marts.rejected_order_documents),"
        " (select count(*) from coco_intermediate.int_statement_rows where row_outcome = 'rejected'),"
        " (select count(*) from coco_intermediate.int_deposit_rows where row_outcome = 'rejected')"
    )
    assert all(counts), "the sample should have some of each"
    found = summarised(duckdb_warehouse)
    assert (found.rejected_documents, found.rejected_statement_rows, found.rejected_bank_rows) == counts


def test_the_command_prints_the_totals(duckdb_warehouse):
    printed = run_command(
        "coco", "summary", "--target", "dev", "--profiles-dir", str(duckdb_warehouse.folder),
        folder=PROJECT, **duckdb_warehouse.environment,
    )  # fmt: skip
    assert printed.returncode == 0, printed.stderr
    for total in summarised(duckdb_warehouse).totals:
        assert money(total.variance_cents) in printed.stdout
    for entry in summarised(duckdb_warehouse).deposit_breaks:
        assert entry.name in printed.stdout
        assert money(entry.break_cents) in printed.stdout
    assert f"Reconciliation in target dev, as of {AS_OF} UTC" in printed.stdout
    assert "1 bank row rejected (rejected_bank_rows says why)." in printed.stdout
    assert "Where to look next" in printed.stdout
    # dbt show prints six columns, and three dots for the others.
    for text in (printed.stdout, (PROJECT / "README.md").read_text(encoding="utf-8")):
        [query] = re.findall(r'dbt show --inline "([^"]*)"', text)
        with contextlib.closing(duckdb_warehouse.connect(read_only=True)) as connection:
            cursor = connection.execute(re.sub(r"{{ ref\('(\w+)'\) }}", r"coco_marts.\1", query))
            columns = [column[0] for column in cursor.description]
        assert len(columns) <= 6
        assert any(column.endswith("_cents") for column in columns)


def test_files_that_were_loaded_after_as_of_are_told(duckdb_warehouse, tmp_path):
    warehouse = with_own_file(duckdb_warehouse, tmp_path)

    def printed() -> str:
        text = io.StringIO()
        print_summary(summarised(warehouse), resolved(warehouse), Console(file=text, width=PLAIN_WIDTH))
        return text.getvalue()

    assert "loaded after as_of" not in printed()
    warehouse.execute("update coco_marts.warehouse_state set later_file_count = 1234")
    assert "1,234 files, loaded after as_of, are not counted" in printed()


@pytest.mark.parametrize("engine", ENGINES)
def test_marts_that_are_not_built(new_warehouse, engine):
    warehouse = new_warehouse(engine)
    warehouse.execute("create table something (id integer)")
    with pytest.raises(MartsError, match="are not built") as told:
        summarised(warehouse)
    assert f"dbt build --target {warehouse.target}" in str(told.value)


def test_no_warehouse_file(new_warehouse):
    with pytest.raises(MartsError, match="make demo"):
        summarised(new_warehouse("duckdb"))


def test_no_server(new_warehouse):
    warehouse = new_warehouse("postgres")
    elsewhere = {**warehouse.environment, "COCO_POSTGRES_HOST": str(warehouse.folder)}
    with pytest.raises(MartsError, match="Target prod cannot be read"):
        summarised(Warehouse("postgres", warehouse.folder, elsewhere))

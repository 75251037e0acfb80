"""`coco explain` tells the story of an order, a payout or a deposit, and its figures are those of the marts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from warehouses import PROJECT, Warehouse, run_command

from coco_warehouse.explain.reasons import REASONS, Facts
from coco_warehouse.marts import money


def explain(warehouse: Warehouse, order: str) -> str:
    printed = run_command(
        "coco", "explain", order, "--target", warehouse.target, "--profiles-dir", str(warehouse.folder),
        folder=PROJECT, **warehouse.environment,
    )  # fmt: skip
    return printed.stdout + printed.stderr


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_the_story_of_an_order(built_warehouse: Callable[[str], Warehouse], engine: str) -> None:
    warehouse = built_warehouse(engine)
    [(order, name, readable, variance)] = warehouse.rows(
        "select orders.order_id, orders.platform_order_id, orders.readable_order_number, reconciled.variance_cents"
        " from coco_marts.order_reconciliation as reconciled"
        " inner join coco_marts.orders as orders on reconciled.order_id = orders.order_id"
        " where reconciled.has_statement and reconciled.variance_cents <> 0 and orders.platform = 'ubereats'"
        " order by orders.order_id limit 1"
    )
    story = explain(warehouse, order)
    assert f"variance {money(variance)}" in story
    for file, number in warehouse.rows(
        f"select source_file_name, source_row_number from coco_marts.statement_lines where order_id = '{order}'"
    ):
        assert file in story
        assert str(number) in story
    for charge, cents in warehouse.rows(
        f"select charge_type, expected_cents from coco_marts.expected_charges where order_id = '{order}'"
    ):
        assert charge in story
        assert (money(cents) if cents is not None else "unknown") in story
    claims = warehouse.rows(
        "select claimed_cents, break_class_name from coco_marts.reconciliation_claims as claims"
        " inner join coco_reference.break_classes as classes on claims.break_class = classes.break_class"
        f" where order_id = '{order}'"
    )
    assert claims
    for cents, _ in claims:
        assert money(cents) in story
    # The other names that people know the order by lead to the same story.
    assert explain(warehouse, name) == story
    assert explain(warehouse, readable) == story or " names " in explain(warehouse, readable)


def test_a_class_that_does_not_hold_says_why(duckdb_warehouse: Warehouse) -> None:
    [(order, rate, base, agreed, stated)] = duckdb_warehouse.rows(
        "select fees.order_id, fees.agreed_rate_bps, fees.agreed_base_cents, fees.agreed_cents, fees.stated_cents"
        " from coco_marts.reconciliation_claims as claims"
        " inner join coco_intermediate.int_charged_fees as fees on claims.order_id = fees.order_id"
        " inner join coco_marts.statement_lines as lines on claims.order_id = lines.order_id"
        " where claims.break_class = 'processing_fee' and fees.charge_type = 'commission'"
        " and fees.agreed_rate_bps > 0 and lines.line_type = 'sale'"
        " group by all having count(distinct lines.statement_line_id) = 1 order by 1 limit 1"
    )
    tried = explain(duckdb_warehouse, order).partition("What was tried, in order")[2]
    rows = {cells[1]: cells for line in tried.splitlines() if len(cells := [c.strip() for c in line.split("│")]) == 6}
    assert rows["A3"][2:5] == ["duplicate", "", "1 sale less 0 reversals"]
    assert rows["C2"][3] == ""
    figures = f"{rate // 100}.{rate % 100:02d} % of {money(base)}", f"is {money(-agreed)}, stated {money(-stated)}"
    assert all(text in rows["C2"][4] for text in figures)
    assert rows["C4"][2] == "processing_fee"
    assert rows["C4"][3]
    # What comes after the last class that holds was not tried.
    assert "C5" not in rows
    # A glance is enough for these.
    [at_once] = [cells for code, cells in rows.items() if "A5" in code]
    assert at_once[1].split()[:2] == ["A1", "A2"]
    assert "one order fits" in at_once[4]


def test_an_order_is_found_as_a_statement_or_a_workbook_names_it(duckdb_warehouse: Warehouse) -> None:
    # A number as a statement writes it: without the signs of the document.
    [(order, readable)] = duckdb_warehouse.rows(
        "select min(order_id), readable_order_number from coco_marts.orders"
        " where platform = 'ubereats' and readable_order_number like '#%' group by 2 having count(*) = 1"
        " order by 2 limit 1"
    )
    assert explain(duckdb_warehouse, readable.removeprefix("#").lower()) == explain(duckdb_warehouse, order)
    for subject in ("order", "payout", "deposit"):
        [(exception, about)] = duckdb_warehouse.rows(
            "select exception_id, subject_id from coco_marts.reconciliation_exceptions"
            f" where subject_type = '{subject}' order by 1 limit 1"
        )
        assert explain(duckdb_warehouse, exception) == explain(duckdb_warehouse, about)


def test_what_nobody_can_know_of_an_open_order_says_that_it_is_open() -> None:
    sales = ("sales", 2000, 0, 2000, True, False)
    finished = Facts(
        has_document=True, store="store", currency="USD", status="finished", expected=0, due="?",
        settlement="deposited", lines=[], components={"sales": sales}, fees={},
    )  # fmt: skip
    reason = REASONS["unverified"]
    assert reason(finished) == "nobody can know sales"
    still_open = replace(finished, status="new", components={"sales": (*sales[:-1], True)})
    assert reason(still_open) == "its last document says new: nobody can know sales"


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_payouts_and_deposits_lead_to_each_other(built_warehouse: Callable[[str], Warehouse], engine: str) -> None:
    warehouse = built_warehouse(engine)
    [(payout, reference, stated, deposit, transaction, file, number)] = warehouse.rows(
        "select payouts.payout_id, payouts.payout_reference, payouts.stated_cents, deposits.deposit_id,"
        " deposits.bank_transaction_id, deposits.source_file_name, deposits.source_row_number"
        " from coco_marts.payouts as payouts"
        " inner join coco_marts.payout_deposits as links on payouts.payout_id = links.payout_id"
        " inner join coco_marts.deposits as deposits on links.deposit_id = deposits.deposit_id"
        " where payouts.summary_cents is not null and deposits.bank_transaction_id is not null"
        " and links.match_method = 'reference' order by payouts.statement_line_count desc, payouts.payout_id limit 1"
    )
    story = explain(warehouse, payout)
    assert f"lines {money(stated)}, carried in" in story
    assert deposit in story.replace(" ", "").replace("│", "")
    assert file in story
    charges = warehouse.rows(
        f"select charge_type, sum(stated_cents) from coco_marts.stated_charges where payout_id = '{payout}'"
        " group by charge_type having sum(stated_cents) <> 0"
    )
    assert charges
    for charge, cents in charges:
        assert re.search(rf"│ {charge} +│ +[0-9]+ │ +{re.escape(money(int(cents)))} │", story)
    assert explain(warehouse, reference) == story

    bank = explain(warehouse, deposit)
    assert payout in bank
    assert f"{file} row {number}" in bank
    assert explain(warehouse, transaction) == bank

    # And from an order of the payout to where its money is.
    [(order,)] = warehouse.rows(
        f"select min(order_id) from coco_marts.statement_lines where payout_id = '{payout}' and order_id is not null"
    )
    money_is = explain(warehouse, order).partition("Where the money is")[2]
    assert payout in money_is
    assert file in money_is


def test_what_a_bank_took_back_is_nothing_to_do(built_copy: Callable[[str], Warehouse]) -> None:
    warehouse = built_copy("duckdb")
    [(payout, step)] = warehouse.rows(
        "select breaks.payout_id, classes.next_step from coco_marts.deposit_breaks as breaks"
        " inner join coco_reference.break_classes as classes on breaks.break_class = classes.break_class"
        " where breaks.break_class = 'duplicate_deposit' group by all having count(*) = 1 order by 1 limit 1"
    )
    assert step in explain(warehouse, payout).replace("\n", " ")
    warehouse.execute(
        "insert into coco_marts.deposit_breaks"
        " select * replace ('back' as deposit_break_id, -break_cents as break_cents)"
        f" from coco_marts.deposit_breaks where break_class = 'duplicate_deposit' and payout_id = '{payout}'"
    )
    story = explain(warehouse, payout)
    assert step not in story
    assert story.count("Nothing, it came to nothing") == 2


def test_the_largest_claims_of_a_payout_come_first(duckdb_warehouse: Warehouse) -> None:
    [(payout, order, count)] = duckdb_warehouse.rows(
        "select lines.payout_id, arg_max(claims.order_id, abs(claims.claimed_cents)), count(distinct claims.order_id)"
        " from coco_marts.reconciliation_claims as claims"
        " inner join (select distinct payout_id, order_id from coco_marts.statement_lines) as lines"
        " on claims.order_id = lines.order_id"
        " where lines.payout_id is not null and claims.claim_level = 'component' and lines.payout_id not in"
        " (select payout_id from coco_marts.statement_lines where order_id is null and payout_id is not null)"
        " group by 1 having count(distinct claims.order_id) = 1 and count(*) = 1 order by 1 limit 1"
    )
    assert count == 1
    orders = explain(duckdb_warehouse, payout).partition("Its orders, the largest claims first")[2].splitlines()
    first = next(line for line in orders if line.startswith("│"))
    assert order in first


def test_an_order_that_only_a_statement_knows(duckdb_warehouse: Warehouse) -> None:
    [(key,)] = duckdb_warehouse.rows(
        "select reconciliation_id from coco_marts.order_reconciliation where not has_order order by 1 limit 1"
    )
    story = explain(duckdb_warehouse, key)
    assert "What it should bring: nothing" in story
    assert "no document" in story


def test_a_name_that_nothing_bears(duckdb_warehouse: Warehouse) -> None:
    assert "No order, payout or deposit nobody-ordered-this in target dev" in explain(
        duckdb_warehouse, "nobody-ordered-this"
    )

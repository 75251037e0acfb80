"""The worked week of the model of reconciliation, to the cent."""

from __future__ import annotations

from cases import Answers, Outcome, Stage, case, cases_of, check, staged, worked_week


@case()
def the_worked_week(stage: Stage) -> Outcome:
    week = worked_week(stage)
    # 20 % of 25,000 less 1,500 that the merchant funds is 4,700.
    charges = {
        "sales": 25_000, "tax": 2000, "tax_withheld": -2000, "discount": -2500, "platform_funding": 1000,
        "commission": -4700,
    }  # fmt: skip
    return Outcome(
        claims={"refund refund": -2500, "refund refund_tax": -200, "refund tax_withheld": 200, "ads ads": -3000},
        expected=dict.fromkeys(week.orders, charges),
    )


def test_each_order_and_claim(case_answers: Answers) -> None:
    [each] = cases_of(__name__)
    check(each, case_answers)


def test_the_week_of_the_merchant(case_answers: Answers) -> None:
    [each] = cases_of(__name__)
    [store] = staged()[1][each.name][0].stores
    assert case_answers.warehouse.rows(
        "select platform, order_count, sales_cents, expected_cents, not_yet_stated_cents, stated_cents, variance_cents,"
        " cast(pay_period_start_date as varchar), cast(pay_period_end_date as varchar)"
        f" from coco_marts.merchant_reconciliation where merchant_id = '{store.merchant_id}'"
    ) == [("ubereats", 4, 100_000, 75_200, 0, 69_700, -5500, "2026-09-14", "2026-09-20")]


def test_the_ledgers_by_charge(case_answers: Answers) -> None:
    [each] = cases_of(__name__)
    [store] = staged()[1][each.name][0].stores
    [expected, stated] = [
        dict(
            case_answers.warehouse.rows(
                f"select charge_type, cast(sum({amount}) as bigint) from coco_marts.{ledger}"
                f" where store_id = '{store.store_id}' group by charge_type"
            )
        )
        for ledger, amount in (("expected_charges", "expected_cents"), ("stated_charges", "stated_cents"))
    ]
    sales = {
        "sales": 100_000, "tax": 8000, "tax_withheld": -8000, "discount": -10_000, "platform_funding": 4000,
        "commission": -18_800,
    }  # fmt: skip
    assert expected == sales
    assert sum(expected.values()) == 75_200
    assert stated == sales | {"tax_withheld": -8000 + 200, "refund": -2500, "refund_tax": -200, "ads": -3000}
    assert sum(stated.values()) == 69_700

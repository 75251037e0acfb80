-- Law 4, first half. What the order reconciliation shows is all that was expected and all that statements state of orders, by platform and
-- currency; stated and not yet stated is expected and variance (identity I1).
with

reconciled as (
    select
        platform,
        currency_code,
        sum(coalesce(expected_cents, 0)) as expected_cents,
        sum(coalesce(stated_cents, 0)) as stated_cents,
        sum(not_yet_stated_cents) as not_yet_stated_cents,
        sum(variance_cents) as variance_cents
    from {{ ref('order_reconciliation') }}
    group by platform, currency_code
),

expected as (
    select
        platform,
        currency_code,
        sum(coalesce(expected_cents, 0)) as expected_cents
    from {{ ref('expected_charges') }}
    group by platform, currency_code
),

stated as (
    select
        platform,
        currency_code,
        sum(net_cents) as stated_cents
    from {{ ref('statement_lines') }}
    where statement_order_id is not null
    group by platform, currency_code
),

final as (
    select
        reconciled.platform,
        reconciled.currency_code,
        reconciled.expected_cents,
        expected.expected_cents as ledger_expected_cents,
        reconciled.stated_cents,
        stated.stated_cents as ledger_stated_cents
    from reconciled
    left join expected
        on coalesce(reconciled.platform, '') = coalesce(expected.platform, '')
        and coalesce(reconciled.currency_code, '') = coalesce(expected.currency_code, '')
    left join stated
        on coalesce(reconciled.platform, '') = coalesce(stated.platform, '')
        and coalesce(reconciled.currency_code, '') = coalesce(stated.currency_code, '')
    where
        reconciled.expected_cents <> coalesce(expected.expected_cents, 0)
        or reconciled.stated_cents <> coalesce(stated.stated_cents, 0)
        or reconciled.stated_cents + reconciled.not_yet_stated_cents <> reconciled.expected_cents + reconciled.variance_cents
)

select * from final

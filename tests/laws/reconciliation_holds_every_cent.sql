-- Law 4, first half. What the order reconciliation shows is all that was expected and all that statements state of orders, by platform and
-- currency; stated and not yet stated is expected and variance (identity I1).
with

reconciled as (
    select
        platform,
        currency_code,
        sum(coalesce(expected_cents, 0)) as expected_cents,
        sum(coalesce(stated_cents, 0)) as stated_cents,
        sum(coalesce(stated_cents, 0)) + sum(not_yet_stated_cents) - sum(coalesce(expected_cents, 0)) - sum(variance_cents) as untied_cents
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
    {{ differences_from_ledgers('reconciled', 'expected', 'stated') }}
)

select * from final

-- Law 4. What merchants see by pay period is all of both ledgers, by platform and currency.
with

merchants as (
    select
        platform,
        currency_code,
        sum(expected_cents) as expected_cents,
        sum(stated_cents) as stated_cents,
        sum(stated_cents) + sum(not_yet_stated_cents) - sum(expected_cents) - sum(variance_cents) as untied_cents
    from {{ ref('merchant_reconciliation') }}
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
        sum(stated_cents) as stated_cents
    from {{ ref('stated_charges') }}
    group by platform, currency_code
),

final as (
    {{ differences_from_ledgers('merchants', 'expected', 'stated') }}
)

select * from final

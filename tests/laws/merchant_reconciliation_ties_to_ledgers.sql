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
    select
        merchants.platform,
        merchants.currency_code,
        merchants.expected_cents,
        expected.expected_cents as ledger_expected_cents,
        merchants.stated_cents,
        stated.stated_cents as ledger_stated_cents,
        merchants.untied_cents
    from merchants
    left join expected
        on coalesce(merchants.platform, '') = coalesce(expected.platform, '')
        and coalesce(merchants.currency_code, '') = coalesce(expected.currency_code, '')
    left join stated
        on coalesce(merchants.platform, '') = coalesce(stated.platform, '')
        and coalesce(merchants.currency_code, '') = coalesce(stated.currency_code, '')
    where
        merchants.expected_cents <> coalesce(expected.expected_cents, 0)
        or merchants.stated_cents <> coalesce(stated.stated_cents, 0)
        or merchants.untied_cents <> 0
)

select * from final

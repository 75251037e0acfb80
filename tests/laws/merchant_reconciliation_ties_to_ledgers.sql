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

-- what stands on one side only is a difference too, so none of them is where the others are joined to
compared as (
    select
        platform,
        currency_code,
        expected_cents,
        0 as ledger_expected_cents,
        stated_cents,
        0 as ledger_stated_cents,
        untied_cents
    from merchants
    union all
    select
        platform,
        currency_code,
        0 as expected_cents,
        expected_cents as ledger_expected_cents,
        0 as stated_cents,
        0 as ledger_stated_cents,
        0 as untied_cents
    from expected
    union all
    select
        platform,
        currency_code,
        0 as expected_cents,
        0 as ledger_expected_cents,
        0 as stated_cents,
        stated_cents as ledger_stated_cents,
        0 as untied_cents
    from stated
),

final as (
    select
        platform,
        currency_code,
        sum(expected_cents) as expected_cents,
        sum(ledger_expected_cents) as ledger_expected_cents,
        sum(stated_cents) as stated_cents,
        sum(ledger_stated_cents) as ledger_stated_cents,
        sum(untied_cents) as untied_cents
    from compared
    group by platform, currency_code
    having
        sum(expected_cents) <> sum(ledger_expected_cents)
        or sum(stated_cents) <> sum(ledger_stated_cents)
        or sum(untied_cents) <> 0
)

select * from final

-- Law 4, identity I1. Stated and not yet stated are expected and claimed, by platform and currency, lines that name no order included.
with

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

awaited as (
    select
        platform,
        currency_code,
        sum(not_yet_stated_cents) as awaited_cents
    from {{ ref('order_reconciliation') }}
    group by platform, currency_code
),

claimed as (
    select
        platform,
        currency_code,
        sum(claimed_cents) as claimed_cents
    from {{ ref('reconciliation_claims') }}
    group by platform, currency_code
),

keys as (
    select
        platform,
        currency_code
    from expected
    union
    select
        platform,
        currency_code
    from stated
),

final as (
    select
        keys.platform,
        keys.currency_code,
        coalesce(stated.stated_cents, 0) as stated_cents,
        coalesce(awaited.awaited_cents, 0) as awaited_cents,
        coalesce(expected.expected_cents, 0) as expected_cents,
        coalesce(claimed.claimed_cents, 0) as claimed_cents
    from keys
    left join expected on keys.platform = expected.platform and coalesce(keys.currency_code, '') = coalesce(expected.currency_code, '')
    left join stated on keys.platform = stated.platform and coalesce(keys.currency_code, '') = coalesce(stated.currency_code, '')
    left join awaited on keys.platform = awaited.platform and coalesce(keys.currency_code, '') = coalesce(awaited.currency_code, '')
    left join claimed on keys.platform = claimed.platform and coalesce(keys.currency_code, '') = coalesce(claimed.currency_code, '')
    where
        coalesce(stated.stated_cents, 0) + coalesce(awaited.awaited_cents, 0)
        <> coalesce(expected.expected_cents, 0) + coalesce(claimed.claimed_cents, 0)
)

select * from final

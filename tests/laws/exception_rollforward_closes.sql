-- Law 5, R2. Opening + new + remeasured - cleared - written off = closing, and a month opens with what the one before closed with;
-- the first opens with nothing, and no month is left out.
with

rollforward as (
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        period_month_date,
        opening_cents,
        new_cents,
        remeasured_cents,
        cleared_cents,
        written_off_cents,
        closing_cents,
        lag(closing_cents) over months_until_now as closing_before_cents,
        lag(period_month_date) over months_until_now as month_before_date
    from {{ ref('reconciliation_rollforward') }}
    window months_until_now as (
        partition by legal_entity, merchant_id, platform, currency_code
        order by period_month_date
    )
),

final as (
    select *
    from rollforward
    where
        opening_cents + new_cents + remeasured_cents - cleared_cents - written_off_cents <> closing_cents
        or opening_cents <> coalesce(closing_before_cents, 0)
        or cast({{ dbt.dateadd('month', 1, 'month_before_date') }} as date) <> period_month_date
)

select * from final

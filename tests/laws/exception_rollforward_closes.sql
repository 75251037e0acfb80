-- Law 5, R2. Opening + new + remeasured - cleared - written off = closing, and a month opens with what the one before closed with;
-- the first opens with nothing, and no month is left out.
with

rollforward as (
    select
        *,
        lag(closing_cents) over (partition by legal_entity, merchant_id, platform, currency_code order by period_month_date) as closing_before_cents,
        lag(period_month_date) over (partition by legal_entity, merchant_id, platform, currency_code order by period_month_date) as month_before_date
    from {{ ref('reconciliation_rollforward') }}
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

-- Law 5, R2. What the last month closes with is what the aging of the exceptions adds up to, book by book; the movements of each
-- exception add up to what is open of it.
with

rollforward as (
    select * from {{ ref('reconciliation_rollforward') }}
),

exceptions as (
    select * from {{ ref('reconciliation_exceptions') }}
),

last_month as (
    select max(period_month_date) as period_month_date
    from {{ ref('reconciliation_rollforward') }}
),

closing as (
    select
        coalesce(rollforward.legal_entity, '') || '|' || coalesce(rollforward.merchant_id, '') || '|' || rollforward.platform
        || '|' || rollforward.currency_code as balance,
        rollforward.closing_cents
    from rollforward
    inner join last_month on rollforward.period_month_date = last_month.period_month_date
),

aging as (
    select
        coalesce(legal_entity, '') || '|' || coalesce(merchant_id, '') || '|' || platform || '|' || currency_code as balance,
        aging_bucket,
        sum(open_cents) as open_cents
    from exceptions
    group by coalesce(legal_entity, ''), coalesce(merchant_id, ''), platform, currency_code, aging_bucket
),

totals as (
    select
        balance,
        closing_cents,
        0 as open_cents
    from closing
    union all
    select
        balance,
        0 as closing_cents,
        open_cents
    from aging
),

by_exception as (
    select
        exception_id,
        movement_cents,
        0 as open_cents
    from {{ ref('exception_movements') }}
    union all
    select
        exception_id,
        0 as movement_cents,
        open_cents
    from exceptions
),

final as (
    select
        balance as untied,
        sum(closing_cents) as closing_cents,
        sum(open_cents) as open_cents
    from totals
    group by balance
    having sum(closing_cents) <> sum(open_cents)
    union all
    select
        exception_id as untied,
        sum(movement_cents) as closing_cents,
        sum(open_cents) as open_cents
    from by_exception
    group by exception_id
    having sum(movement_cents) <> sum(open_cents)
)

select * from final

with

movements as (
    select
        *,
        {{ hashed_key(['legal_entity', 'merchant_id', 'platform', 'currency_code']) }} as balance_id
    from {{ ref('exception_movements') }}
),

last_close as (
    select * from {{ ref('int_last_close') }}
),

-- a book of exceptions is carried on from its first month to that of the day that the warehouse is looked at from
balances as (
    select
        balance_id,
        max(legal_entity) as legal_entity,
        max(merchant_id) as merchant_id,
        max(platform) as platform,
        max(currency_code) as currency_code,
        min(period_month_date) as first_month_date
    from movements
    group by balance_id
),

months as (
    select
        balance_id,
        merchant_id,
        legal_entity,
        platform,
        currency_code,
        {{ each_month('first_month_date', first_of_month(as_of_timestamp())) }} as period_month_date
    from balances
),

moved as (
    select
        balance_id,
        period_month_date,
        coalesce({{ sum_cents("case when movement_type = 'new' then movement_cents end") }}, 0) as new_cents,
        coalesce({{ sum_cents("case when movement_type = 'remeasured' then movement_cents end") }}, 0) as remeasured_cents,
        coalesce({{ sum_cents("case when movement_type = 'cleared' then -movement_cents end") }}, 0) as cleared_cents,
        coalesce({{ sum_cents("case when movement_type = 'written_off' then -movement_cents end") }}, 0) as written_off_cents,
        {{ sum_cents('movement_cents') }} as movement_cents
    from movements
    group by balance_id, period_month_date
),

monthly as (
    select
        months.balance_id,
        months.merchant_id,
        months.legal_entity,
        months.platform,
        months.currency_code,
        months.period_month_date,
        coalesce(moved.new_cents, 0) as new_cents,
        coalesce(moved.remeasured_cents, 0) as remeasured_cents,
        coalesce(moved.cleared_cents, 0) as cleared_cents,
        coalesce(moved.written_off_cents, 0) as written_off_cents,
        coalesce(moved.movement_cents, 0) as movement_cents
    from months
    left join moved
        on months.balance_id = moved.balance_id
        and months.period_month_date = moved.period_month_date
),

accumulated as (
    select
        monthly.*,
        cast(
            sum(movement_cents) over (partition by balance_id order by period_month_date rows unbounded preceding) as bigint
        ) as closing_cents
    from monthly
),

final as (
    select
        {{ hashed_key(['balance_id', 'cast(period_month_date as ' ~ dbt.type_string() ~ ')']) }} as reconciliation_rollforward_id,
        accumulated.merchant_id,

        accumulated.legal_entity,
        accumulated.platform,
        accumulated.currency_code,

        accumulated.closing_cents - accumulated.movement_cents as opening_cents,
        accumulated.new_cents,
        accumulated.remeasured_cents,
        accumulated.cleared_cents,
        accumulated.written_off_cents,
        accumulated.closing_cents,

        accumulated.period_month_date <= last_close.last_closed_month_date as is_closed_period,

        accumulated.period_month_date
    from accumulated
    cross join last_close
)

select * from final

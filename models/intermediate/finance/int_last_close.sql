-- where nothing is closed, the last closed month lies before all that can be posted
with

closed_periods as (
    select * from {{ ref('int_closed_periods') }}
),

last_close as (
    select
        coalesce(max(period_month_date), date '0001-01-01') as last_closed_month_date,
        coalesce(max(as_of_at), timestamp '0001-01-01 00:00:00') as last_as_of_at
    from closed_periods
),

final as (
    select
        last_closed_month_date,
        cast({{ dbt.dateadd('month', 1, 'last_closed_month_date') }} as date) as first_open_month_date,
        last_as_of_at
    from last_close
)

select * from final

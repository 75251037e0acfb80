with

orders as (
    select * from {{ ref('orders') }}
    where store_id is not null
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
    where store_id is not null and line_type in ('sale', 'cancellation')
),

order_days as (
    select
        store_id,
        order_date as coverage_date,
        count(*) as order_count
    from orders
    group by store_id, order_date
),

dated_lines as (
    select
        statement_lines.store_id,
        statement_lines.statement_line_id,
        statement_lines.settlement_state,
        statement_lines.stated_cents,
        coalesce(statement_lines.event_date, statement_lines.order_date, orders.order_date) as coverage_date
    from statement_lines
    left join orders on statement_lines.order_id = orders.order_id
),

line_days as (
    select
        store_id,
        coverage_date,
        count(*) as statement_line_count,
        cast(sum(case when settlement_state in ('pending', 'overdue') then 1 else 0 end) as bigint) as unsettled_line_count,
        {{ sum_cents('stated_cents') }} as stated_cents
    from dated_lines
    where coverage_date is not null
    group by store_id, coverage_date
),

days as (
    select
        store_id,
        coverage_date
    from order_days
    union
    select
        store_id,
        coverage_date
    from line_days
),

stores as (
    select * from {{ ref('stores') }}
),

pay_periods as (
    select * from {{ ref('int_pay_periods') }}
),

placed as (
    select
        days.store_id,
        stores.platform,
        stores.merchant_id,
        days.coverage_date,
        pay_periods.pay_period_start_date,
        pay_periods.pay_period_end_date,
        pay_periods.overdue_after_date,
        coalesce(order_days.order_count, 0) as order_count,
        coalesce(line_days.statement_line_count, 0) as statement_line_count,
        coalesce(line_days.unsettled_line_count, 0) as unsettled_line_count,
        line_days.stated_cents
    from days
    inner join stores on days.store_id = stores.store_id
    left join pay_periods
        on stores.platform = pay_periods.platform
        and stores.currency_code = pay_periods.currency_code
        and days.coverage_date = pay_periods.day
    left join order_days
        on days.store_id = order_days.store_id
        and days.coverage_date = order_days.coverage_date
    left join line_days
        on days.store_id = line_days.store_id
        and days.coverage_date = line_days.coverage_date
),

-- a statement covers a store's pay period where it holds any sale of it
periods as (
    select
        placed.*,
        sum(statement_line_count) over (partition by store_id, pay_period_start_date) > 0 as has_statement,
        coalesce(overdue_after_date < cast({{ as_of_timestamp() }} as date), false) as is_overdue
    from placed
),

final as (
    select
        store_id,
        merchant_id,

        platform,
        case
            when has_statement and unsettled_line_count > 0 then 'pending'
            when has_statement then 'covered'
            when is_overdue then 'missing'
            else 'awaited'
        end as coverage_state,
        order_count,
        statement_line_count,
        unsettled_line_count,

        stated_cents,

        has_statement,

        coverage_date,
        pay_period_start_date,
        pay_period_end_date
    from periods
)

select * from final

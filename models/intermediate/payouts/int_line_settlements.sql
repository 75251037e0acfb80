-- whether a standing line has been paid out, as the statement says or as the pay cycle implies
with

lines as (
    select * from {{ ref('int_statement_line_states') }}
    where is_standing
),

statement_stores as (
    select * from {{ ref('int_statement_stores') }}
),

pay_periods as (
    select * from {{ ref('int_pay_periods') }}
),

final as (
    select
        lines.statement_line_id,

        case
            when lines.payout_reference = 'stated' and (lines.payout_id is not null or lines.payout_date is not null) then 'settled'
            when lines.payout_reference = 'derived' and pay_periods.payday_date <= cast({{ as_of_timestamp() }} as date) then 'settled'
            when pay_periods.overdue_after_date < cast({{ as_of_timestamp() }} as date) then 'overdue'
            else 'pending'
        end as settlement_state,

        pay_periods.pay_period_start_date,
        pay_periods.pay_period_end_date,
        case when lines.payout_reference = 'derived' then pay_periods.payday_date else lines.payout_date end as payout_date,
        pay_periods.due_date,
        pay_periods.overdue_after_date
    from lines
    left join statement_stores on lines.statement_line_id = statement_stores.statement_line_id
    left join pay_periods
        on lines.platform = pay_periods.platform
        and statement_stores.currency_code = pay_periods.currency_code
        and coalesce(lines.event_date, lines.stated_order_date) = pay_periods.day
)

select * from final

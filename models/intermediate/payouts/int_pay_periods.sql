-- which pay period each local day is in, when the platform pays it, when the bank should have it
with

pay_cycles as (
    select * from {{ ref('int_pay_cycles') }}
),

bank_days as (
    select * from {{ ref('int_bank_days') }}
),

periods as (
    select
        pay_cycles.pay_cycle_id,
        pay_cycles.platform,
        bank_days.currency_code,
        bank_days.day,
        pay_cycles.payday_offset_days,
        pay_cycles.bank_lag_days,
        pay_cycles.grace_days,
        pay_cycles.period_days,
        case
            when pay_cycles.period_days = 7
                then {{ add_days('bank_days.day', '-((' ~ iso_weekday('bank_days.day') ~ ' - pay_cycles.period_start_weekday + 7) % 7)') }}
            else bank_days.day
        end as pay_period_start_date
    from pay_cycles
    inner join bank_days
        on bank_days.day between pay_cycles.valid_from and pay_cycles.valid_to
),

ended as (
    select
        periods.*,
        {{ add_days('pay_period_start_date', 'period_days - 1') }} as pay_period_end_date,
        {{ add_days('pay_period_start_date', 'period_days - 1 + payday_offset_days') }} as planned_payday
    from periods
),

final as (
    select
        ended.pay_cycle_id,
        ended.currency_code,
        ended.day,

        ended.platform,

        ended.pay_period_start_date,
        ended.pay_period_end_date,
        planned.next_bank_date as payday_date,
        due.day as due_date,
        {{ add_days('due.day', 'ended.grace_days') }} as overdue_after_date,
        last_days.day as last_deposit_date
    from ended
    inner join bank_days as planned
        on ended.currency_code = planned.currency_code
        and ended.planned_payday = planned.day
    inner join bank_days as payday
        on ended.currency_code = payday.currency_code
        and planned.next_bank_date = payday.day
    inner join bank_days as due
        on ended.currency_code = due.currency_code
        and due.is_bank_day
        and payday.bank_day_number + ended.bank_lag_days = due.bank_day_number
    left join bank_days as last_days
        on ended.currency_code = last_days.currency_code
        and last_days.is_bank_day
        and payday.bank_day_number + {{ deposit_bank_days_after() }} = last_days.bank_day_number
)

select * from final

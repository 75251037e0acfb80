with

days as (
    {{ generate_days('2020-01-01', '2030-12-31') }}
),

calendar_holidays as (
    select * from {{ ref('calendar_holidays') }}
),

holidays as (
    select
        holiday_date,
        max(case when currency_code = 'USD' then 1 else 0 end) as usd_mark,
        max(case when currency_code = 'CAD' then 1 else 0 end) as cad_mark,
        max(case when currency_code = 'EUR' then 1 else 0 end) as eur_mark
    from calendar_holidays
    group by holiday_date
),

final as (
    select
        days.day as calendar_date,

        {{ iso_weekday('days.day') }} as iso_weekday,
        cast(extract(year from days.day) as bigint) as year_number,
        cast(extract(quarter from days.day) as bigint) as quarter_number,
        cast(extract(month from days.day) as bigint) as month_number,
        cast(extract(day from days.day) as bigint) as day_number,

        {{ iso_weekday('days.day') }} >= 6 as is_weekend,
        coalesce(holidays.usd_mark = 1, false) as is_usd_bank_holiday,
        coalesce(holidays.cad_mark = 1, false) as is_cad_bank_holiday,
        coalesce(holidays.eur_mark = 1, false) as is_eur_bank_holiday,

        cast({{ dbt.date_trunc('week', 'days.day') }} as date) as week_start_date,
        cast({{ dbt.date_trunc('month', 'days.day') }} as date) as month_start_date,
        cast({{ dbt.date_trunc('quarter', 'days.day') }} as date) as quarter_start_date
    from days
    left join holidays on days.day = holidays.holiday_date
)

select * from final

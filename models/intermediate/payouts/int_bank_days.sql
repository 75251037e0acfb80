with

days as (
    {{ generate_days('2020-01-01', '2035-12-31') }}
),

store_map as (
    select * from {{ ref('int_store_map') }}
),

holidays as (
    select * from {{ ref('calendar_holidays') }}
),

currencies as (
    select distinct currency_code from store_map
),

marked as (
    select
        currencies.currency_code,
        days.day,
        {{ iso_weekday('days.day') }} < 6 and holidays.holiday_date is null as is_bank_day
    from days
    cross join currencies
    left join holidays
        on days.day = holidays.holiday_date
        and currencies.currency_code = holidays.currency_code
),

final as (
    select
        currency_code,
        day,

        cast(
            sum(case when is_bank_day then 1 else 0 end) over (partition by currency_code order by day rows unbounded preceding) as bigint
        ) as bank_day_number,

        is_bank_day,

        min(case when is_bank_day then day end) over (
            partition by currency_code
            order by day desc
            rows unbounded preceding
        ) as next_bank_date
    from marked
)

select * from final

{%- set rows = [
    ["date '2019-12-01'", "date '2020-02-01'", '3', "date '2020-02-01'"],
    ["date '2026-10-01'", "date '2026-10-01'", '1', "date '2026-10-01'"],
    ["date '2030-12-01'", "date '2062-10-01'", '383', "date '2062-10-01'"],
    ["date '2026-10-01'", "date '2026-09-01'", '0', 'cast(null as date)'],
] -%}
with

{{ literal_cases(['first_month', 'last_month', 'month_count', 'highest_month'], rows) }},

months as (
    select
        first_month,
        last_month,
        {{ each_month('first_month', 'last_month') }} as month_date
    from cases
),

found as (
    select
        first_month,
        last_month,
        count(distinct month_date) as month_count,
        count(*) as row_count,
        min(month_date) as lowest_month,
        max(month_date) as highest_month
    from months
    group by first_month, last_month
),

final as (
    select
        cases.first_month,
        cases.last_month,
        cases.month_count,
        found.month_count as found_count
    from cases
    left join found
        on cases.first_month = found.first_month
        and cases.last_month = found.last_month
    where
        cast(cases.month_count as bigint) <> coalesce(found.month_count, 0)
        or found.month_count <> found.row_count
        or found.lowest_month <> cases.first_month
        or found.highest_month <> cases.highest_month
)

select * from final

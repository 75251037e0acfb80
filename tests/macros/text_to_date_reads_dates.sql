{%- set rows = [
    ["'2026-09-01'", "'2026-09-01'"], ["'2026-09-01 18:20:46'", "'2026-09-01'"], ["'2026-09-01T18:20:46Z'", "'2026-09-01'"], ["'9/1/26'", "'2026-09-01'"],
    ["'09/01/2026'", "'2026-09-01'"], ["'12/31/00'", "'2000-12-31'"], ["'9/1/26 6:20 PM'", "'2026-09-01'"],
    ["'2026-02-30'", 'null'], ["'13/1/26'", 'null'], ["'2026-9-1'", 'null'], ["'yesterday'", 'null'], ["''", 'null'], ["'1/2/3/4'", 'null'], ["cast(null as " ~ dbt.type_string() ~ ")", 'null'],
] -%}
with

{{ literal_cases(['written', 'day'], rows) }},

final as (
    select
        written,
        cast(day as date) as day,
        {{ text_to_date('written') }} as found_day
    from cases
)

select * from final
where coalesce(day, date '1900-01-01') <> coalesce(found_day, date '1900-01-01')

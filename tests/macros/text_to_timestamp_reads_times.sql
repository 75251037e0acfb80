{%- set rows = [
    ["'2022-06-13T16:20:46.100Z'", "'2022-06-13 16:20:46.1'"], ["'2022-06-13T16:20:46Z'", "'2022-06-13 16:20:46'"], ["'2022-06-13T16:20:46+02:00'", "'2022-06-13 14:20:46'"],
    ["'2022-06-13T23:30:00-0700'", "'2022-06-14 06:30:00'"], ["'2022-06-13 16:20:46'", "'2022-06-13 16:20:46'"], ["'2022-06-13T16:20:46.123456Z'", "'2022-06-13 16:20:46.123456'"],
    ["'2022-06-13T24:00:00Z'", 'null'], ["'2022-06-31T10:00:00Z'", 'null'], ["'2022-06-13'", 'null'], ["'2022-06-13T16:20:46.1234567Z'", 'null'], ["'now'", 'null'],
    ["'13/06/2022 10:00:00'", 'null'], ["''", 'null'], ["cast(null as " ~ dbt.type_string() ~ ")", 'null'],
] -%}
with

{{ literal_cases(['written', 'moment'], rows) }},

final as (
    select
        written,
        cast(moment as timestamp) as moment,
        {{ text_to_timestamp('written') }} as found_moment
    from cases
)

select * from final
where coalesce(moment, timestamp '1900-01-01 00:00:00') <> coalesce(found_moment, timestamp '1900-01-01 00:00:00')

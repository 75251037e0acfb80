{%- set rows = [
    ["'Call +1 (310) 555-0100 now'", "'Call # now'"], ["'12345'", "'12345'"], ["'123456'", "'#'"], ["'a 1-2-3-4-5-6 b 12 34'", "'a # b 12 34'"],
    ["'x' || repeat('5', 100000) || ' y'", "'x# y'"], ["''", "''"], ["cast(null as " ~ dbt.type_string() ~ ")", "cast(null as " ~ dbt.type_string() ~ ")"],
] -%}
with

{{ literal_cases(['message', 'expected'], rows) }},

final as (
    select
        message,
        expected,
        {{ without_long_numbers('message') }} as found
    from cases
)

select * from final
where found is distinct from expected

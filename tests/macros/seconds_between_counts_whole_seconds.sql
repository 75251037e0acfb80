{%- set rows = [
    ["timestamp '2026-10-01 10:00:00'", "timestamp '2026-10-01 10:00:00'", '0'],
    ["timestamp '2026-10-01 10:00:00.9'", "timestamp '2026-10-01 10:00:01.1'", '0'],
    ["timestamp '2026-10-01 10:00:00.1'", "timestamp '2026-10-01 10:00:01.1'", '1'],
    ["timestamp '2026-10-01 10:00:01.5'", "timestamp '2026-10-01 10:00:00'", '-1'],
    ["timestamp '2026-10-31 23:59:59.999999'", "timestamp '2026-11-02 00:00:00'", '86400'],
    ["cast(null as timestamp)", "timestamp '2026-11-02 00:00:00'", 'null'],
] -%}
with

{{ literal_cases(['first_at', 'second_at', 'seconds'], rows) }},

final as (
    select
        first_at,
        second_at,
        cast(seconds as bigint) as seconds,
        {{ seconds_between('first_at', 'second_at') }} as found_seconds
    from cases
)

select * from final
where coalesce(seconds, -77) <> coalesce(found_seconds, -77)

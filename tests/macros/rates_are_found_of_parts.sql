{#- a line: part, whole, the nearest rate by steps of 50, the lowest and the highest rate that ties -#}
{%- set rows = [
    ['0', '1000', '0', '0', '4'], ['200', '1000', '2000', '1995', '2004'], ['1', '1000', '0', '5', '14'], ['3', '1000', '50', '25', '34'],
    ['1000', '1000', '10000', '9995', '10004'], ['1', '1', '10000', '5000', '14999'], ['1', '100000', '0', '1', '0'],
    ['999999999999999', '999999999999999', '10000', '10000', '10000'], ['1', '999999999999999', '0', '1', '0'],
    ['999999999999999', '1', 'null', 'null', 'null'], ['1001', '1000', 'null', 'null', 'null'], ['-1', '1000', 'null', 'null', 'null'], ['0', '0', 'null', 'null', 'null'],
    ['cast(null as bigint)', '1000', 'null', 'null', 'null'], ['200', 'cast(null as bigint)', 'null', 'null', 'null'],
] -%}
with

{{ literal_cases(['part', 'whole', 'nearest', 'lowest', 'highest'], rows) }},

final as (
    select
        part,
        whole,
        cast(nearest as bigint) as nearest,
        {{ nearest_rate('part', 'whole', 50) }} as found_nearest,
        cast(lowest as bigint) as lowest,
        {{ lowest_tying_rate('part', 'whole') }} as found_lowest,
        cast(highest as bigint) as highest,
        {{ highest_tying_rate('part', 'whole') }} as found_highest
    from cases
)

select * from final
where
    coalesce(nearest, -77) <> coalesce(found_nearest, -77)
    or coalesce(lowest, -77) <> coalesce(found_lowest, -77)
    or coalesce(highest, -77) <> coalesce(found_highest, -77)

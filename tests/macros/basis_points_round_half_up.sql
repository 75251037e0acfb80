{%- set rows = [
    ['0', '3', '0'], ['1', '1', '10000'], ['1', '3', '3333'], ['2', '3', '6667'], ['1', '20000', '1'], ['1', '20001', '0'], ['1', '16', '625'],
    ['3', '2', '15000'], ['0', '0', 'null'], ['1', '0', 'null'], ['cast(null as bigint)', '1', 'null'], ['1', 'cast(null as bigint)', 'null'],
    ['999999999999999999', '999999999999999999', '10000'],
] -%}
with

{{ literal_cases(['part', 'whole', 'rate'], rows) }},

final as (
    select
        part,
        whole,
        cast(rate as bigint) as rate,
        {{ basis_points('part', 'whole') }} as found_rate,
        -- an argument may be a sum
        {{ basis_points('part - 1 + 1', 'whole - 1 + 1') }} as found_rate_of_sums
    from cases
)

select * from final
where
    coalesce(rate, -77) <> coalesce(found_rate, -77)
    or coalesce(rate, -77) <> coalesce(found_rate_of_sums, -77)

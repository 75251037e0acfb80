{%- set rows = [
    ['1000', '2000', '200'], ['1', '5000', '1'], ['-1', '5000', '-1'], ['3', '5000', '2'], ['-3', '5000', '-2'], ['1', '4999', '0'], ['-1', '4999', '0'],
    ['9401', '2000', '1880'], ['9402', '2000', '1880'], ['9403', '2000', '1881'], ['150', '290', '4'], ['155', '290', '4'], ['517', '290', '15'],
    ['0', '2000', '0'], ['5', '0', '0'], ['999999999999999', '10000', '999999999999999'], ['cast(null as bigint)', '2000', 'null'], ['100', 'cast(null as bigint)', 'null'],
] -%}
with

{{ literal_cases(['cents', 'basis_points', 'share'], rows) }},

final as (
    select
        cents,
        basis_points,
        cast(share as bigint) as share,
        {{ share_of_cents('cents', 'basis_points') }} as found_share
    from cases
)

select * from final
where coalesce(share, -77) <> coalesce(found_share, -77)

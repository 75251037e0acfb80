{%- set nothing = 'cast(null as ' ~ dbt.type_string() ~ ')' -%}
{#- written, whether identifiers can be read from it, and the identifiers as key=id in the order of their bytes -#}
{%- set rows = [
    ["'{\"doordash\": \"123\", \"grubhub\": 456}'", 'true', "'doordash=123, grubhub=456'"],
    ["'{\"stores\": [\"1\", 2, \" 3 \"]}'", 'true', "'stores=1, stores=2, stores=3'"],
    ["'{\"stores\": {\"venice\": \"7\", \"other\": [\"8\"]}}'", 'true', "'stores.other=8, stores.venice=7'"],
    ["'[\"a\", 1, {\"id\": \"b\"}]'", 'true', "'=1, =a, id=b'"],
    ["'  \"abc\" '", 'true', "'=abc'"], ["'123456'", 'true', "'=123456'"], ["'01234'", 'true', "'=01234'"],
    ["'abc-1'", 'true', "'=abc-1'"], ["'24|91516'", 'true', "'=24|91516'"], ["'NaN'", 'true', "'=NaN'"],
    ["'{\"a\": \"x\", \"a\": \"y\", \"b\": [\"x\", \"x\"]}'", 'true', "'a=x, a=y, b=x'"],
    ["'{\"a\": \"q\\\"u\\u00fc\", \"NaN,}\": \"inf,]\"}'", 'true', "'NaN,}=inf,], a=q\"uü'"],
    ["'{\"a\": true, \"b\": null, \"c\": 1.5, \"d\": -4, \"e\": 1e3, \"f\": \" \", \"g\": 1234567890123456789, \"h\": 5.0}'", 'true', nothing],
    ["'{\"a\": {\"b\": {\"c\": {\"d\": \"four\", \"e\": {\"f\": \"five\"}}}}}'", 'true', "'a.b.c.d=four'"],
    ["'{}'", 'true', nothing], ["'[]'", 'true', nothing], ["'null'", 'true', nothing], ["''", 'true', nothing], ["'  '", 'true', nothing],
    ["'{\"a\": '", 'false', nothing], ["' [1, 2'", 'false', nothing], ["'\"abc'", 'false', nothing], ["'{\"a\": 1} more'", 'false', nothing],
    ["'[1, 2,]'", 'false', nothing], ["'{\"a\": NaN}'", 'false', nothing], ["'[Infinity]'", 'false', nothing],
    ["'{\"a\": \"b\\u0000c\"}'", 'false', nothing], ["'{\"a\": \"\\ud800\"}'", 'false', nothing],
    [nothing, 'cast(null as boolean)', nothing],
] -%}
with

{{ literal_cases(['written', 'is_readable', 'identifiers'], rows) }},

opened as (
    {{ external_id_rows('cases', ['written'], 'written') }}
),

named as (
    select
        written,
        external_id_key || '=' || external_id as identifier
    from opened
),

found as (
    select
        written,
        {{ dbt.listagg('identifier', "', '", 'order by ' ~ binary_order('identifier')) }} as found_identifiers
    from named
    group by written
),

final as (
    select
        cases.written,
        cases.is_readable,
        {{ are_external_ids_readable('cases.written') }} as found_is_readable,
        cases.identifiers,
        found.found_identifiers
    from cases
    left join found on cases.written = found.written
)

select * from final
where
    is_readable is distinct from found_is_readable
    or identifiers is distinct from found_identifiers

{#
  is_json takes what coco load takes, on every engine, and nothing that an engine would stop at or read in its own way.
#}
{%- set rows = [
    ["'{}'", 'true'],
    ["' {\"a\": [1, {\"b\": null}]} '", 'true'],
    ["'[1]'", 'true'],
    ["'5'", 'true'],
    ["'null'", 'true'],
    ["'{\"a\": {\"k\": 1}, \"b\": {\"k\": 1}}'", 'true'],
    ["'{\"a\": \"NaN, }\"}'", 'true'],
    ["'{\"a\": \"[[\\\"[[\"}'", 'true'],
    ["'{\"a\": \"\\\\u0000\"}'", 'true'],
    ["'{\"a\": \"\\ud83d\\ude00\"}'", 'true'],
    ["'{\"a\": ' || repeat('[', 63) || repeat(']', 63) || '}'", 'true'],
    ["'{\"a\": [' || repeat('{}, ', 500) || '{}]}'", 'true'],
    ["'{\"a\": \"' || repeat('[', 500) || '\"}'", 'true'],
    ["'{\"a\": ' || repeat('9', 5000) || '}'", 'true'],
    ["'{\"a\": 0.' || repeat('9', 5000) || '}'", 'true'],
    ["'{\"a\": [-1.5e+400, \"1e400\"]}'", 'true'],
    ["''", 'false'],
    ["'hello'", 'false'],
    ["'{\"a\": 1'", 'false'],
    ["'{\"a\": 1,}'", 'false'],
    ["'[1, ]'", 'false'],
    ["'{\"a\": 1} x'", 'false'],
    ["'{\"a\": NaN}'", 'false'],
    ["'{\"a\": -Infinity}'", 'false'],
    ["'{\"a\": 01}'", 'false'],
    ["'{\"a\": \"\\u0000\"}'", 'false'],
    ["'{\"a\": \"\\\\\\u0000\"}'", 'false'],
    ["'{\"\\u0000\": 1}'", 'false'],
    ["'{\"a\": \"\\ud800\"}'", 'false'],
    ["'{\"a\": \"\\udc00\"}'", 'false'],
    ["'{\"a\": 1, \"a\": 1}'", 'false'],
    ["'{\"a\": 1, \"\\u0061\": 2}'", 'false'],
    ["'[{\"b\": [{\"c\": 1, \"c\": 2}]}]'", 'false'],
    ["'{\"a\": ' || repeat('[', 64) || repeat(']', 64) || '}'", 'false'],
    ["repeat('{\"a\": ', 65) || '1' || repeat('}', 65)", 'false'],
    ["repeat('[', 100000) || repeat(']', 100000)", 'false'],
    ["repeat('[', 100000)", 'false'],
    ["cast(null as " ~ dbt.type_string() ~ ")", 'null'],
] -%}
with

{{ literal_cases(['document', 'is_expected'], rows) }},

judged as (
    select
        document,
        cast(is_expected as boolean) as is_expected,
        {{ is_json('document') }} as is_found
    from cases
),

final as (
    select * from judged
    where is_expected is distinct from is_found
)

select * from final

{#
  A payload names an error where a member error or code is there and is not empty; a code of success is none.
#}
{%- set rows = [
    ["'{\"error\": {\"code\": \"x\"}}'", 'true'],
    ["'{\"error\": \"address not serviceable\"}'", 'true'],
    ["'{\"error\": [\"x\"]}'", 'true'],
    ["'{\"error\": [[]]}'", 'true'],
    ["'{\"error\": true}'", 'true'],
    ["'{\"error\": 5}'", 'true'],
    ["'{\"error\": \"{}\"}'", 'true'],
    ["'{\"error\": \"null\"}'", 'true'],
    ["'{\"code\": \"not_found\"}'", 'true'],
    ["'{\"code\": 404, \"message\": \"not found\"}'", 'true'],
    ["'{\"code\": \"404\"}'", 'true'],
    ["'{\"code\": 20}'", 'true'],
    ["'{\"code\": 2000}'", 'true'],
    ["'{\"code\": 0.5}'", 'true'],
    ["'{\"code\": 200, \"error\": \"x\"}'", 'true'],
    ["chr(10) || ' {\"code\": \"x\"}'", 'true'],
    ["'{\"error\": {}}'", 'false'],
    ["'{\"error\": { }}'", 'false'],
    ["'{\"error\": [' || chr(10) || ']}'", 'false'],
    ["'{\"error\": \"\", \"code\": \"  \"}'", 'false'],
    ["'{\"error\": null, \"code\": null}'", 'false'],
    ["'{\"error\": false, \"code\": 0}'", 'false'],
    ["'{\"code\": \"\", \"status\": \"created\"}'", 'false'],
    ["'{\"code\": 200}'", 'false'],
    ["'{\"code\": \"201\"}'", 'false'],
    ["'{\"message\": \"error\", \"errors\": 1}'", 'false'],
    ["'{\"data\": {\"error\": \"x\"}}'", 'false'],
    ["'{}'", 'false'],
    ["'[{\"error\": \"x\"}]'", 'false'],
    ["'\"error\"'", 'false'],
    ["'null'", 'false'],
    ["'5'", 'false'],
    ['cast(null as ' ~ dbt.type_string() ~ ')', 'false'],
] -%}
with

{{ literal_cases(['payload', 'is_expected'], rows) }},

judged as (
    select
        payload,
        cast(is_expected as boolean) as is_expected,
        {{ names_error('payload') }} as is_found
    from cases
),

final as (
    select * from judged
    where is_expected is distinct from is_found
)

select * from final

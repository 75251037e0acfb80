{#
  One leaf of each type, read from hostile objects: the value, and the finding with the kind that stands there.
#}
{%- set leaves = [['text', 'text', 'required'], ['cents', 'cents', 'optional'], ['number', 'number', 'optional'], ['flag', 'boolean', 'optional'], ['moment', 'time', 'optional'], ['list', 'array', 'optional'], ['inner', 'object', 'optional'], ['inner.text', 'text', 'required']] -%}
{%- set s = "cast(null as " ~ dbt.type_string() ~ ")" -%}
{%- set rows = [
    ["'{\"text\": \"a\", \"cents\": 12}'", "'a'", '12', s, s],
    ["'{\"text\": \"a\\n\\u00e9\", \"cents\": 100.0}'", "'a' || chr(10) || chr(233)", '100', s, s],
    ["'{\"text\": \"a\", \"cents\": 1e3}'", "'a'", '1000', s, s],
    ["'{\"text\": \"a\", \"cents\": -0}'", "'a'", '0', s, s],
    ["'{\"text\": \"a\", \"cents\": null}'", "'a'", 'null', s, s],
    ["' {\"text\": \"\"}'", "''", 'null', s, s],
    ["'{\"text\": \"a\", \"cents\": \"12\"}'", "'a'", 'null', "'cents: expected whole cents, found string'", s],
    ["'{\"text\": \"a\", \"cents\": 12.5}'", "'a'", 'null', "'cents: expected whole cents, found a fraction'", s],
    ["'{\"text\": \"a\", \"cents\": 0.00000000001}'", "'a'", 'null', "'cents: expected whole cents, found a fraction'", s],
    ["'{\"text\": \"a\", \"cents\": 12345678901234567890}'", "'a'", 'null', "'cents: expected whole cents, found a number out of range'", s],
    ["'{\"text\": \"a\", \"cents\": 1e400}'", "'a'", 'null', "'cents: expected whole cents, found a number out of range'", s],
    ["'{\"text\": \"a\", \"cents\": true}'", "'a'", 'null', "'cents: expected whole cents, found boolean'", s],
    ["'{\"text\": \"a\", \"cents\": {}}'", "'a'", 'null', "'cents: expected whole cents, found object'", s],
    ["'{\"text\": 5}'", s, 'null', "'text: expected text, found number'", s],
    ["'{\"cents\": 5}'", s, '5', "'text: expected text, found nothing'", s],
    ["'{\"text\": \"a\", \"inner\": {}}'", "'a'", 'null', "'inner.text: expected text, found nothing'", s],
    ["'{\"text\": \"a\", \"inner\": []}'", "'a'", 'null', s, "'inner: expected an object, found array'"],
    ["'{\"text\": \"a\", \"inner\": 5, \"flag\": 0, \"list\": {}, \"number\": \"1\"}'", "'a'", 'null', s, "'number: expected a number, found string' || chr(10) || 'flag: expected true or false, found number' || chr(10) || 'list: expected an array, found object' || chr(10) || 'inner: expected an object, found number'"],
    ["'{\"text\": \"a\", \"moment\": \"2022-06-13T16:20:46\"}'", "'a'", 'null', s, "'moment: expected a time with its zone, found other text'"],
    ["'{\"text\": \"a\", \"moment\": \"2022-06-31T16:20:46Z\"}'", "'a'", 'null', s, "'moment: expected a time with its zone, found other text'"],
    ["'[]'", s, 'null', "'document: expected an object, found something else'", s],
    ["'5'", s, 'null', "'document: expected an object, found something else'", s],
    [s, s, 'null', s, s],
] -%}
with

{{ literal_cases(['object', 'text_value', 'cents_value', 'rejecting', 'other'], rows) }},

parsed as (
    {{ parse_leaves('cases', ['object', 'text_value', 'cents_value', 'rejecting', 'other'], 'object', leaves) }}
),

final as (
    select
        object,
        text_value,
        text as found_text,
        cents_value,
        cents as found_cents,
        rejecting,
        rejecting_findings,
        other,
        other_findings
    from parsed
)

select * from final
where
    coalesce(text_value, '~') <> coalesce(found_text, '~')
    or coalesce(cast(cents_value as bigint), -77) <> coalesce(found_cents, -77)
    or coalesce(rejecting, '~') <> coalesce(rejecting_findings, '~')
    or coalesce(other, '~') <> coalesce(other_findings, '~')

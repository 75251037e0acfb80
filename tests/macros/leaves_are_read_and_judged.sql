{#
  One leaf of each type, read from hostile objects: the value, and the finding with the kind that stands there.
#}
{%- set leaves = [
    ['text', 'text', 'required'],
    ['cents', 'cents', 'optional'],
    ['number', 'number', 'optional'],
    ['flag', 'boolean', 'optional'],
    ['moment', 'time', 'optional'],
    ['list', 'array', 'optional'],
    ['inner', 'object', 'optional'],
    ['inner.text', 'text', 'required'],
] -%}
{%- set s = "cast(null as " ~ dbt.type_string() ~ ")" -%}
{%- set rows = [
    ["'{\"text\": \"a\", \"cents\": 12}'", "'a'", '12', s, s],
    ["'{\"text\": \"a\\n\\u00e9\", \"cents\": 100.0}'", "'a' || chr(10) || chr(233)", '100', s, s],
    ["'{\"text\": \"a\", \"cents\": 1e3}'", "'a'", '1000', s, s],
    ["'{\"text\": \"a\", \"cents\": -0}'", "'a'", '0', s, s],
    ["'{\"text\": \"a\", \"cents\": null}'", "'a'", 'null', s, s],
    ["' {\"text\": \"\"}'", s, 'null', "'text: expected text, found blank text'", s],
    ["'{\"text\": \"  \"}'", s, 'null', "'text: expected text, found blank text'", s],
    ["'{\"text\": \" a \", \"inner\": {\"text\": \"\"}}'", "' a '", 'null', "'inner.text: expected text, found blank text'", s],
    ["'{\"text\": \"a\", \"cents\": \"12\"}'", "'a'", 'null', "'cents: expected whole cents, found text'", s],
    ["'{\"text\": \"a\", \"cents\": 12.5}'", "'a'", 'null', "'cents: expected whole cents, found a fraction'", s],
    ["'{\"text\": \"a\", \"cents\": 0.00000000001}'", "'a'", 'null', "'cents: expected whole cents, found a fraction'", s],
    ["'{\"text\": \"a\", \"cents\": 12345678901234567890}'", "'a'", 'null', "'cents: expected whole cents, found a number too large'", s],
    ["'{\"text\": \"a\", \"cents\": 1e400}'", "'a'", 'null', "'cents: expected whole cents, found a number too large'", s],
    ["'{\"text\": \"a\", \"cents\": true}'", "'a'", 'null', "'cents: expected whole cents, found true or false'", s],
    ["'{\"text\": \"a\", \"cents\": {}}'", "'a'", 'null', "'cents: expected whole cents, found an object'", s],
    ["'{\"text\": 5}'", s, 'null', "'text: expected text, found a number'", s],
    ["'{\"cents\": 5}'", s, '5', "'text: expected text, found nothing'", s],
    ["'{\"text\": \"a\", \"inner\": {}}'", "'a'", 'null', "'inner.text: expected text, found nothing'", s],
    ["'{\"text\": \"a\", \"inner\": []}'", "'a'", 'null', s, "'inner: expected an object, found an array'"],
    ["'{\"text\": \"a\", \"inner\": 5, \"flag\": 0, \"list\": {}, \"number\": \"1\"}'", "'a'", 'null', s, "'number: expected a number, found text' || chr(10) || 'flag: expected true or false, found a number' || chr(10) || 'list: expected an array, found an object' || chr(10) || 'inner: expected an object, found a number'"],
    ["'{\"text\": \"a\", \"moment\": \"2022-06-13T16:20:46\"}'", "'a'", 'null', s, "'moment: expected a time such as 2026-09-01T18:20:46.900Z, found other text'"],
    ["'{\"text\": \"a\", \"moment\": \"2022-06-31T16:20:46Z\"}'", "'a'", 'null', s, "'moment: expected a time such as 2026-09-01T18:20:46.900Z, found other text'"],
    ["'{\"text\": \"a\", \"cents\": -1.5E+1}'", "'a'", '-15', s, s],
    ["'{\"text\": \"a\", \"cents\": 999999999999}'", "'a'", '999999999999', s, s],
    ["'{\"text\": \"a\", \"cents\": 1000000000000}'", "'a'", 'null', "'cents: expected whole cents, found a number too large'", s],
    ["'{\"text\": \"a\", \"cents\": 999999999999.9}'", "'a'", 'null', "'cents: expected whole cents, found a fraction'", s],
    ["'{\"text\": \"a\", \"cents\": 1000000000000.99}'", "'a'", 'null', "'cents: expected whole cents, found a number too large'", s],
    ["'{\"text\": \"a\", \"cents\": 123.0000000000000000000000001}'", "'a'", '123', s, s],
    ["'{\"text\": \"a\", \"cents\": 1e-320}'", "'a'", 'null', "'cents: expected whole cents, found a fraction'", s],
    ["'{\"text\": \"a\", \"cents\": 1e-400}'", "'a'", '0', s, s],
    ["'{\"text\": \"1e400\", \"cents\": 12.' || repeat('0', 400) || '}'", "'1e400'", '12', s, s],
    ["'{\"text\": \"a\", \"cents\": -' || repeat('9', 400) || '}'", "'a'", 'null', "'cents: expected whole cents, found a number too large'", s],
    ["'{\"text\": \"a\", \"cents\": 0.05e+0400}'", "'a'", 'null', "'cents: expected whole cents, found a number too large'", s],
    ["'{\"text\": \"a\", \"moment\": \"0000-01-01T00:00:00Z\"}'", "'a'", 'null', s, "'moment: expected a time such as 2026-09-01T18:20:46.900Z, found other text'"],
    ["'{\"text\": \"a\", \"moment\": \"0001-01-01T00:00:00+14:00\"}'", "'a'", 'null', s, "'moment: expected a time such as 2026-09-01T18:20:46.900Z, found other text'"],
    ["'[]'", s, 'null', "'document: expected an object, found an array'", s],
    ["chr(10) || ' 5'", s, 'null', "'document: expected an object, found a number'", s],
    ["'-1'", s, 'null', "'document: expected an object, found a number'", s],
    ["'false'", s, 'null', "'document: expected an object, found true or false'", s],
    ["'\"{\"'", s, 'null', "'document: expected an object, found text'", s],
    ["'null'", s, 'null', "'document: expected an object, found nothing'", s],
    [s, s, 'null', "'document: expected an object, found no readable JSON'", s],
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

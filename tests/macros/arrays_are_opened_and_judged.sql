{#
  Arrays of hostile elements, as they come out of a document: a line for each element with its amount, what is found wrong with it, and the members that
  are not declared; then the elements within elements, with their paths.
#}
{%- set element_leaves = [
    ['id', 'text', 'expected'],
    ['amount', 'cents', 'required'],
    ['price', 'object', 'optional'],
    ['price.base', 'cents', 'required'],
    ['parts', 'array', 'optional', 'money'],
] -%}
{%- set document_leaves = [['parts', 'array', 'required', 'money']] -%}
{%- set text = dbt.type_string() -%}
{%- set nothing = 'cast(null as ' ~ text ~ ')' -%}
{%- set amount = ': expected whole cents, found ' -%}
{%- set rows = [
    ["'{\"parts\": [{\"id\": \"a\", \"amount\": 12}, {\"id\": \"b\", \"amount\": 1e2}]}'", "'1|12|||' || chr(10) || '2|100|||'", "'1||1|parts[0].' || chr(10) || '2||1|parts[1].'"],
    ["'{\"parts\": [7, null, \"x\", [], false]}'", "'1||parts[0]: expected an object, found a number||' || chr(10)
        || '2||parts[1]: expected an object, found nothing||' || chr(10) || '3||parts[2]: expected an object, found text||' || chr(10)
        || '4||parts[3]: expected an object, found an array||' || chr(10) || '5||parts[4]: expected an object, found true or false||'",
        "'1||1|parts[0].' || chr(10) || '2||1|parts[1].' || chr(10) || '3||1|parts[2].' || chr(10) || '4||1|parts[3].' || chr(10) || '5||1|parts[4].'"],
    ["'{\"parts\": [{\"id\": \"1e400\", \"amount\": 1e400}]}'", "'1||parts[0].amount" ~ amount ~ "a number too large||'", "'1||1|parts[0].'"],
    ["'{\"parts\": [{\"id\": \"a\", \"amount\": 0.5, \"price\": {\"base\": \"1\", \"note\": null}}]}'",
        "'1||parts[0].amount" ~ amount ~ "a fraction, parts[0].price.base" ~ amount ~ "text||parts[0].price.note: nothing'", "'1||1|parts[0].'"],
    ["'{\"parts\": [{\"AMOUNT\": 5, \"Id\": \"x\", \"parts[0].id\": {}, \"\": []}]}'",
        "'1||parts[0].amount" ~ amount ~ "nothing|parts[0].id: expected text, found nothing|parts[0].(a name that is no identifier): an array, parts[0].(a name that is no identifier): an object, parts[0].AMOUNT: a number, parts[0].Id: text'",
        "'1||1|parts[0].'"],
    ["'{\"parts\": [{\"id\": \"a\", \"amount\": 1, \"parts\": [{\"id\": \"b\", \"amount\": 2}, 5, {\"id\": \"c\", \"amount\": 3, \"parts\": [{}]}]}, {\"id\": \"d\", \"amount\": 4, \"parts\": {}}]}'",
        "'1|1|||' || chr(10) || '2|4|parts[1].parts: expected an array, found an object||'",
        "'1||1|parts[0].' || chr(10) || '1.1|1|2|parts[0].parts[0].' || chr(10) || '1.2|1|2|parts[0].parts[1].' || chr(10)
        || '1.3|1|2|parts[0].parts[2].' || chr(10) || '1.3.1|1.3|3|parts[0].parts[2].parts[0].' || chr(10) || '2||1|parts[1].'"],
    ["'{\"parts\": []}'", nothing, nothing],
    ["'{\"parts\": {\"id\": \"a\"}}'", nothing, nothing],
    ["'{\"parts\": \"[1]\"}'", nothing, nothing],
    ["'{}'", nothing, nothing],
] -%}
with

{{ literal_cases(['written', 'elements', 'nested_elements'], rows) }},

documents as (
    {{ parse_leaves('cases', ['written', 'elements', 'nested_elements'], 'written', document_leaves) }}
),

opened as (
    {{ parse_array_leaves('documents', ['written'], 'parts', element_leaves, path_prefix="'parts[' || (position - 1) || '].'") }}
),

-- the order of the members that are not declared is the engine's own
members as (
    select
        written,
        position,
        {{ lines_of('unknown_members') }} as unknown_member
    from opened
),

joined_members as (
    select
        written,
        position,
        {{ dbt.listagg('unknown_member', "', '", 'order by ' ~ binary_order('unknown_member')) }} as unknown_members
    from members
    group by written, position
),

element_lines as (
    select
        opened.written,
        opened.position,
        cast(opened.position as {{ text }})
        || '|' || coalesce(cast(opened.amount as {{ text }}), '')
        || '|' || replace(coalesce(opened.rejecting_findings, ''), chr(10), ', ')
        || '|' || replace(coalesce(opened.other_findings, ''), chr(10), ', ')
        || '|' || coalesce(joined_members.unknown_members, '') as line
    from opened
    left join joined_members
        on opened.written = joined_members.written
        and opened.position = joined_members.position
),

nested as (
    {{ parse_nested_leaves('documents', ['written'], 'parts', element_leaves, path_prefix="''") }}
),

nested_lines as (
    select
        written,
        nested_path,
        nested_path || '|' || coalesce(parent_path, '') || '|' || cast(depth as {{ text }}) || '|' || document_path as line
    from nested
),

found as (
    select
        written,
        {{ dbt.listagg('line', 'chr(10)', 'order by position') }} as elements
    from element_lines
    group by written
),

found_nested as (
    select
        written,
        {{ dbt.listagg('line', 'chr(10)', 'order by ' ~ binary_order('nested_path')) }} as nested_elements
    from nested_lines
    group by written
),

final as (
    select
        cases.written,
        cases.elements,
        found.elements as found_elements,
        cases.nested_elements,
        found_nested.nested_elements as found_nested_elements
    from cases
    left join found on cases.written = found.written
    left join found_nested on cases.written = found_nested.written
)

select * from final
where
    elements is distinct from found_elements
    or nested_elements is distinct from found_nested_elements

{#
  config_rds_public.integration.external_ids has been written by many hands: an object of scalars, an object with arrays, objects within
  objects, a list, a bare JSON string or number, and text that is no JSON at all. All of them are read here, and nothing here fails.
#}

{#
  Whether identifiers can be read from a text: it is readable JSON, or plain text. Text that begins as JSON and is broken is neither.
  text: string SQL. Returns boolean; null for null.
#}
{% macro are_external_ids_readable(text) %}({{ is_readable_json(text) }} or not {{ matches(text, '^[[:space:]]*[[{"]') }}){% endmacro %}

{#
  The identifiers in external_ids, a row each.
  from_relation: name of a relation or CTE; keys: list of its columns to keep; external_ids: its string column.
  Returns: a select statement with the keys and
    external_id_key string: the names on the way to the identifier, joined by dots ('stores.venice'); places in a list do not count;
                    '' where the identifier stands without a name
    external_id     string: trimmed, never null and never blank. A number is an identifier when it is whole, not negative and has at most 18 digits.
  The same pair stands once for the same keys. No rows for null, for broken JSON and for values that identify nothing: true, false, null, other numbers.
  Objects and lists are opened four deep.
#}
{% macro external_id_rows(from_relation, keys, external_ids) %}
with recursive

documents as (
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        case when {{ is_readable_json(external_ids) }} then {{ external_ids }} end as document,
        case when not {{ is_readable_json(external_ids) }} and {{ are_external_ids_readable(external_ids) }} then {{ external_ids }} end as plain_text
    from {{ from_relation }}
),

nodes as (
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        cast('' as {{ dbt.type_string() }}) as external_id_key,
        {{ trimmed_json('document') }} as node,
        0 as depth
    from documents
    where document is not null

    union all

    select
        {%- for key in keys %}
        nodes.{{ key }},
        {%- endfor %}
        nodes.external_id_key
        || case when nodes.external_id_key <> '' and child.name is not null then '.' else '' end
        || coalesce(child.name, '') as external_id_key,
        child.node,
        nodes.depth + 1 as depth
    from nodes
    {{ json_children('nodes.node', 'child') }}
    where nodes.depth < 4
),

identifiers as (
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        external_id_key,
        case
            when {{ matches('node', '^[0-9]{1,18}$') }} then node
            else trim({{ json_string_text('node') }})
        end as external_id
    from nodes

    union all

    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        '' as external_id_key,
        trim(plain_text) as external_id
    from documents
    where plain_text is not null
)

select distinct
    {%- for key in keys %}
    {{ key }},
    {%- endfor %}
    external_id_key,
    external_id
from identifiers
where external_id <> ''
{% endmacro %}

{# JSON text without the white space around it. text: string SQL. Returns string; null for null. #}
{% macro trimmed_json(text) %}{{ replace_pattern(text, '^[[:space:]]+|[[:space:]]+$', '') }}{% endmacro %}

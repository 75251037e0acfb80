{#
  JSON held as text. Nothing here fails on text that is not JSON: it reads as null.
#}

{#
  Whether a text is JSON as coco load takes it (docs/raw.md): readable by every engine, and no key twice in an object, since DuckDB reads
  the first and PostgreSQL the last. For documents that another loader landed; it takes a good while, so a judged document is not asked again.
  Of the loader's bounds, those on the length of a document and of a number are not asked for.
  text: string SQL. Returns boolean; null for null.
#}
{% macro is_json(text) %}{{ return(adapter.dispatch('is_json', 'coco_warehouse')(text)) }}{% endmacro %}

{# '$..*' lists all that stands in a document, at any depth: this would be quadratic in the depth, which is bounded before. #}
{% macro duckdb__is_json(text) %}
    case
        when {{ is_readable_json(text) }}
            then list_bool_and(list_transform(
                list_prepend(cast({{ text }} as json), json_extract({{ text }}, '$..*')),
                lambda node: len(json_keys(node)) = len(list_distinct(json_keys(node)))
            ))
        when {{ text }} is not null then false
    end
{% endmacro %}

{# With unique keys PostgreSQL also looks inside the strings, and finds \u0000 and lone surrogates. #}
{% macro postgres__is_json(text) %}case when not {{ is_nested_too_deep(text) }} then {{ text }} is json with unique keys when {{ text }} is not null then false end{% endmacro %}

{#
  The scalar at a path of member names, as text. text: string SQL holding JSON; path: list of names.
  Returns string; null where there is nothing, a JSON null, or no valid JSON.
#}
{% macro json_text_at(text, path) %}{{ return(adapter.dispatch('json_text_at', 'coco_warehouse')(text, path)) }}{% endmacro %}

{% macro duckdb__json_text_at(text, path) %}json_extract_string(case when json_valid({{ text }}) then {{ text }} end, '$."{{ path | join('"."') }}"'){% endmacro %}

{% macro postgres__json_text_at(text, path) %}(cast(case when {{ text }} is json then {{ text }} end as json) #>> '{ {{- path | join(',') -}} }'){% endmacro %}

{#
  The members of a JSON object as rows, to stand after a relation in a from clause: columns <alias>.name and <alias>.value, both string.
  text: string SQL holding JSON. No rows for null and for anything that is not an object.
#}
{% macro json_members(text, alias) %}{{ return(adapter.dispatch('json_members', 'coco_warehouse')(text, alias)) }}{% endmacro %}

{% macro duckdb__json_members(text, alias) %}
    cross join lateral (
        select
            member.key as name,
            member.value as value,
        from (
            select unnest(map_entries(from_json(case when json_type({{ text }}) = 'OBJECT' then {{ text }} end, '"MAP(VARCHAR, VARCHAR)"'))) as member
        ) as members
    ) as {{ alias }}
{% endmacro %}

{% macro postgres__json_members(text, alias) %}
    cross join lateral json_each_text(cast(case when {{ text }} is json object then {{ text }} end as json)) as {{ alias }} (name, value)
{% endmacro %}

{#
  How many elements the array at a path has. text: string SQL holding valid JSON; path: list of names.
  Returns bigint; 0 where there is no array. Null for null.
#}
{% macro json_array_length_at(text, path) %}{{ return(adapter.dispatch('json_array_length_at', 'coco_warehouse')(text, path)) }}{% endmacro %}

{% macro duckdb__json_array_length_at(text, path) %}cast(json_array_length({{ text }}, '$."{{ path | join('"."') }}"') as bigint){% endmacro %}

{% macro postgres__json_array_length_at(text, path) %}
    case
        when json_typeof(cast({{ text }} as json) #> '{ {{- path | join(',') -}} }') = 'array'
            then cast(json_array_length(cast({{ text }} as json) #> '{ {{- path | join(',') -}} }') as bigint)
        when {{ text }} is not null then 0
    end
{% endmacro %}

{#
  What a member of an object holds, as JSON text, of whatever kind. text: string SQL holding valid JSON; member: name.
  Returns string; null where there is no such member, or no object.
#}
{% macro json_member(text, member) %}{{ return(adapter.dispatch('json_member', 'coco_warehouse')(text, member)) }}{% endmacro %}

{% macro duckdb__json_member(text, member) %}cast(json_extract({{ text }}, '$."{{ member }}"') as varchar){% endmacro %}

{% macro postgres__json_member(text, member) %}cast(cast({{ text }} as json) -> '{{ member }}' as text){% endmacro %}

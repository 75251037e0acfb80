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

{# Spark's parser of variants refuses a key that stands twice. #}
{% macro spark__is_json(text) %}case when {{ is_readable_json(text) }} then try_parse_json({{ spark_finite_numbers(text) }}) is not null when {{ text }} is not null then false end{% endmacro %}

{#
  The scalar at a path of member names, as text. text: string SQL holding JSON; path: list of names.
  Returns string; null where there is nothing, a JSON null, or no valid JSON.
#}
{% macro json_text_at(text, path) %}{{ return(adapter.dispatch('json_text_at', 'coco_warehouse')(text, path)) }}{% endmacro %}

{% macro duckdb__json_text_at(text, path) %}json_extract_string(case when json_valid({{ text }}) then {{ text }} end, '$."{{ path | join('"."') }}"'){% endmacro %}

{% macro postgres__json_text_at(text, path) %}(cast(case when {{ text }} is json then {{ text }} end as json) #>> '{ {{- path | join(',') -}} }'){% endmacro %}

{% macro spark__json_text_at(text, path) %}try_variant_get(try_parse_json({{ text }}), '$.{{ path | join('.') }}', 'string'){% endmacro %}

{#
  The scalars at paths of member names, each as text; however many they are, the document is read about as often as for one.
  text: string SQL holding valid JSON; paths: list of lists of names.
  Returns list of string, an item for each path in their order; an item is null where there is nothing, or a JSON null.
#}
{% macro json_texts_at(text, paths) %}{{ return(adapter.dispatch('json_texts_at', 'coco_warehouse')(text, paths)) }}{% endmacro %}

{% macro duckdb__json_texts_at(text, paths) %}json_extract_string({{ text }}, {{ duckdb_json_paths(paths) }}){% endmacro %}

{% macro postgres__json_texts_at(text, paths) %}
    (
        select
            array[
                {%- for path in paths %}
                {{ postgres_json_at(path, '#>>') }}{{ ',' if not loop.last }}
                {%- endfor %}
            ]
        from {{ postgres_json_members(text, paths) }}
    )
{% endmacro %}

{% macro spark__json_texts_at(text, paths) %}
    array(
        {%- for path in paths %}
        {{ json_text_at(text, path) }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{% endmacro %}

{#
  The names of a JSON object's members, in their order. text: string SQL holding JSON.
  Returns list of string; null for null and for anything that is not an object.
#}
{% macro json_names(text) %}{{ return(adapter.dispatch('json_names', 'coco_warehouse')(text)) }}{% endmacro %}

{% macro duckdb__json_names(text) %}json_keys({{ duckdb_json_object(text) }}){% endmacro %}

{% macro postgres__json_names(text) %}
    case
        when {{ text }} is json object
            then array(
                select member.name
                from json_object_keys(cast({{ text }} as json)) with ordinality as member (name, place)
                order by member.place
            )
    end
{% endmacro %}

{% macro spark__json_names(text) %}case when {{ is_spark_json_object(text) }} then json_object_keys({{ text }}) end{% endmacro %}

{#
  What a JSON object's members hold, each as text, in their order. text: string SQL holding JSON.
  Returns list of string; null for null and for anything that is not an object.
#}
{% macro json_texts(text) %}{{ return(adapter.dispatch('json_texts', 'coco_warehouse')(text)) }}{% endmacro %}

{% macro duckdb__json_texts(text) %}json_extract_string({{ duckdb_json_object(text) }}, '$.*'){% endmacro %}

{% macro postgres__json_texts(text) %}
    case
        when {{ text }} is json object
            then array(
                select member.value
                from json_each_text(cast({{ text }} as json)) with ordinality as member (name, value, place)
                order by member.place
            )
    end
{% endmacro %}

{% macro spark__json_texts(text) %}map_values(from_json(case when {{ is_spark_json_object(text) }} then {{ text }} end, 'map<string, string>')){% endmacro %}

{# text: string SQL. Returns boolean; null for null and for what is no JSON. #}
{% macro is_spark_json_object(text) %}(schema_of_variant(try_parse_json({{ text }})) like 'OBJECT%'){% endmacro %}

{% macro duckdb_json_object(text) %}case when json_type(case when json_valid({{ text }}) then {{ text }} end) = 'OBJECT' then {{ text }} end{% endmacro %}

{#
  The items of a list as rows, to stand after a relation in a from clause: columns <alias>.item (of the list's type) and
  <alias>.place (bigint, from 1).
  list: list SQL. No rows for null.
#}
{% macro list_items(list, alias) %}{{ return(adapter.dispatch('list_items', 'coco_warehouse')(list, alias)) }}{% endmacro %}

{% macro duckdb__list_items(list, alias) %}
    cross join lateral (
        select
            unnest({{ list }}) as item,
            generate_subscripts({{ list }}, 1) as place
    ) as {{ alias }}
{% endmacro %}

{% macro postgres__list_items(list, alias) %}cross join lateral unnest({{ list }}) with ordinality as {{ alias }} (item, place){% endmacro %}

{% macro spark__list_items(list, alias) %}
    cross join lateral inline(transform({{ list }}, (item, place) -> struct(item, cast(place + 1 as bigint)))) as {{ alias }} (item, place)
{% endmacro %}

{# The item of a list at a place. list: list SQL; place: bigint SQL, from 1. Returns string; null where there is none. #}
{% macro list_item(list, place) %}{{ return(adapter.dispatch('list_item', 'coco_warehouse')(list, place)) }}{% endmacro %}

{% macro default__list_item(list, place) %}{{ list }}[{{ place }}]{% endmacro %}

{% macro spark__list_item(list, place) %}get({{ list }}, cast({{ place }} - 1 as integer)){% endmacro %}

{# The items of a list as one short text, the same for the same items. list: list of string SQL. Returns string; null for null. #}
{% macro hashed_list(list) %}{{ return(adapter.dispatch('hashed_list', 'coco_warehouse')(list)) }}{% endmacro %}

{% macro default__hashed_list(list) %}md5(array_to_string({{ list }}, chr(10))){% endmacro %}

{% macro spark__hashed_list(list) %}md5(array_join({{ list }}, chr(10))){% endmacro %}

{#
  How many elements the arrays at paths of member names have, read as json_texts_at reads. text: string SQL holding valid JSON;
  paths: list of lists of names. Returns list of bigint, an item for each path in their order; an item is 0 or null where there is no array.
#}
{% macro json_array_lengths_at(text, paths) %}{{ return(adapter.dispatch('json_array_lengths_at', 'coco_warehouse')(text, paths)) }}{% endmacro %}

{% macro duckdb__json_array_lengths_at(text, paths) %}cast(json_array_length({{ text }}, {{ duckdb_json_paths(paths) }}) as bigint[]){% endmacro %}

{% macro postgres__json_array_lengths_at(text, paths) %}
    (
        select
            array[
                {%- for path in paths %}
                {%- set found = postgres_json_at(path, '#>') %}
                cast(json_array_length(case when json_typeof({{ found }}) = 'array' then {{ found }} end) as bigint){{ ',' if not loop.last }}
                {%- endfor %}
            ]
        from {{ postgres_json_members(text, paths) }}
    )
{% endmacro %}

{% macro spark__json_array_lengths_at(text, paths) %}
    array(
        {%- for path in paths %}
        cast(coalesce(json_array_length(get_json_object({{ text }}, '$.{{ path | join('.') }}')), 0) as bigint){{ ',' if not loop.last }}
        {%- endfor %}
    )
{% endmacro %}

{# Paths of member names as DuckDB takes several at once. Returns list of string SQL. #}
{% macro duckdb_json_paths(paths) %}
    {%- set quoted = [] -%}
    {%- for path in paths -%}
        {%- do quoted.append("'$.\"" ~ path | join('"."') ~ "\"'") -%}
    {%- endfor -%}
    {{ return('[' ~ quoted | join(', ') ~ ']') }}
{% endmacro %}

{# What the members hold that paths begin with: a relation `members` with one row. PostgreSQL reads json anew at each step, so that a long document is to be stepped into once. #}
{% macro postgres_json_members(text, paths) %}
    (
        select
            {%- for name in paths | map('first') | unique %}
            cast({{ text }} as json) -> '{{ name }}' as "{{ name }}"{{ ',' if not loop.last }}
            {%- endfor %}
        offset 0
    ) as members
{%- endmacro %}

{# What is at a path in the relation of postgres_json_members; operator: '#>' for json, '#>>' for text. #}
{% macro postgres_json_at(path, operator) %}members."{{ path[0] }}" {{ operator }} '{ {{- path[1:] | join(',') -}} }'{% endmacro %}

{#
  What a member of an object holds, as JSON text, of whatever kind. text: string SQL holding valid JSON; member: name.
  Returns string; null where there is no such member, or no object.
#}
{% macro json_member(text, member) %}{{ return(adapter.dispatch('json_member', 'coco_warehouse')(text, member)) }}{% endmacro %}

{% macro duckdb__json_member(text, member) %}cast(json_extract({{ text }}, '$."{{ member }}"') as varchar){% endmacro %}

{% macro postgres__json_member(text, member) %}cast(cast({{ text }} as json) -> '{{ member }}' as text){% endmacro %}

{% macro spark__json_member(text, member) %}to_json(variant_get(try_parse_json({{ text }}), '$.{{ member }}')){% endmacro %}

{#
  Whether a text is JSON that every engine reads, and reads alike. DuckDB takes NaN, Infinity and a comma after the last member for JSON;
  PostgreSQL takes \u0000 and a lone surrogate into json and then fails on the first look inside, and stops the query at thousands of levels.
  None of these is readable here.
  Ask this of JSON that other systems wrote and no strict parser has judged; of order documents ask is_json.
  text: string SQL. Returns boolean; null for null.
#}
{% macro is_readable_json(text) %}{{ return(adapter.dispatch('is_readable_json', 'coco_warehouse')(text)) }}{% endmacro %}

{#
  What stands outside the strings is looked at alone: there 'nan' and 'inf' are never part of true, false or null. Most texts have nothing of the
  kind in their strings either, which a look that is many times cheaper tells.
#}
{% macro duckdb__is_readable_json(text) %}
    {%- set unlike_elsewhere = "',[[:space:]]*[]}]|[Nn][Aa][Nn]|[Ii][Nn][Ff]'" -%}
    (
        json_valid({{ text }})
        and not {{ is_nested_too_deep(text) }}
        and not case when contains({{ text }}, '\u0000') then regexp_matches({{ text }}, '(^|[^\\])(\\\\)*\\u0000') else false end
        and not case
            when regexp_matches({{ text }}, {{ unlike_elsewhere }})
                then regexp_matches(regexp_replace({{ text }}, '"([^"\\]|\\.)*"', '""', 'g'), {{ unlike_elsewhere }})
            else false
        end
    )
{% endmacro %}

{% macro postgres__is_readable_json(text) %}case when not {{ is_nested_too_deep(text) }} then pg_input_is_valid({{ text }}, 'jsonb') when {{ text }} is not null then false end{% endmacro %}

{#
  Spark reads the first value of a text and leaves what follows. A text is one value, and no more, when it is one as the element of an array and as the
  member of an object: what ends either of them early does not end the other.
#}
{% macro spark__is_readable_json(text) %}
    case
        when
            not {{ is_nested_too_deep(text) }}
            and get_json_object('[' || {{ spark_finite_numbers(text) }} || ']', '$') is not null
            and get_json_object('{"value":' || {{ spark_finite_numbers(text) }} || '}', '$') is not null
            then not regexp_like(
                {#- escaped backslashes and pairs of surrogates are taken out, and what is left of these two escapes is what no engine reads alike -#}
                regexp_replace({{ text }}, r'\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}', ''), r'\\u(0000|[dD][89a-fA-F])'
            )
        when {{ text }} is not null then false
    end
{%- endmacro %}

{#
  JSON in which every number that is too large for a double is written as one that is only too large for an amount, and with at most 300 digits
  after the point: Spark refuses a number of over 1,000 characters, and would write an endless one as the text "Infinity". The strings stay as they
  are. text: string SQL. Returns string; null for null.
#}
{% macro spark_finite_numbers(text) %}
    {%- set string = '("(?:[^"\\\\]|\\\\.)*+")' -%}
    {%- set large_exponent = '[0.]*([1-9])[0-9.]*[eE][+]?0*[1-9][0-9]{2,}' -%}
    {%- set long_number = '(?<![0-9.])([1-9])[0-9]{308,}[0-9.]*(?:[eE][+]?[0-9]+)?' -%}
    {%- set long_fraction = '([.][0-9]{300})[0-9]+' -%}
    case
        when regexp_like({{ text }}, r'[0-9][eE][+]?0*[1-9][0-9]{2}|[0-9]{300}')
            then regexp_replace({{ text }}, r'{{ [string, large_exponent, long_number, long_fraction] | join('|') }}', '$1{{ '$2' * 40 ~ '$3' * 40 }}$4')
        else {{ text }}
    end
{%- endmacro %}

{#
  Whether brackets stand more than 64 deep in a text, as coco load counts them (docs/raw.md). Brackets that are never closed count as too deep.
  Without a parser, which would itself fail: objects and arrays of up to eight levels are taken out, eight times over, and no bracket may be left.
  text: string SQL, JSON or not. Returns boolean; null for null.
#}
{% macro is_nested_too_deep(text) %}{{ return(adapter.dispatch('is_nested_too_deep', 'coco_warehouse')(text)) }}{% endmacro %}

{# Java would run out of stack in a pattern of eight levels; Spark counts instead. #}
{% macro spark__is_nested_too_deep(text) %}
    case
        when length({{ text }}) - length(replace(replace({{ text }}, '[', ''), '{', '')) <= 64 then false
        else aggregate(
            split(regexp_replace(regexp_replace({{ text }}, r'"(?:[^"\\]|\\.)*+"', ''), r'[^\[\]{}]', ''), ''),
            struct(0 as depth, 0 as deepest),
            (level, bracket) -> struct(
                level.depth + case when bracket in ('[', '{') then 1 when bracket in (']', '}') then -1 else 0 end as depth,
                greatest(level.deepest, level.depth + case when bracket in ('[', '{') then 1 else 0 end) as deepest
            ),
            level -> level.deepest > 64 or level.depth > 0
        )
    end
{%- endmacro %}

{% macro default__is_nested_too_deep(text) %}
    {%- set eight_levels = namespace(pattern='[{[][^][{}]*[]}]') -%}
    {%- for level in range(7) -%}
        {%- set eight_levels.pattern = '[{[]([^][{}]|' ~ eight_levels.pattern ~ ')*[]}]' -%}
    {%- endfor -%}
    {%- set left = namespace(text=replace_pattern(text, '"([^"\\\\]|\\\\.)*"', '')) -%}
    {%- for passing in range(8) -%}
        {%- set left.text = replace_pattern(left.text, eight_levels.pattern, '') -%}
    {%- endfor -%}
    case
        when length({{ text }}) - length(replace(replace({{ text }}, '[', ''), '{', '')) <= 64 then false
        else {{ matches(left.text, '[[{]') }}
    end
{%- endmacro %}

{#
  What stands directly inside a JSON object or array, to follow a relation in a from clause: columns <alias>.name (string; null in an array)
  and <alias>.node (string, its JSON).
  text: string SQL of readable JSON or null; alias: name. No rows for null and for anything that is neither object nor array.
#}
{% macro json_children(text, alias) %}{{ return(adapter.dispatch('json_children', 'coco_warehouse')(text, alias)) }}{% endmacro %}

{% macro duckdb__json_children(text, alias) %}
    cross join lateral (
        select
            case when json_type({{ text }}) = 'OBJECT' then child.key end as name,
            cast(child.value as varchar) as node
        from json_each(case when json_type({{ text }}) in ('OBJECT', 'ARRAY') then {{ text }} end) as child
    ) as {{ alias }}
{% endmacro %}

{% macro postgres__json_children(text, alias) %}
    cross join lateral (
        select
            member.name,
            cast(member.node as text) as node
        from json_each(case when {{ text }} is json object then cast({{ text }} as json) end) as member (name, node)
        union all
        select
            cast(null as text) as name,
            cast(element.node as text) as node
        from json_array_elements(case when {{ text }} is json array then cast({{ text }} as json) end) as element (node)
    ) as {{ alias }}
{% endmacro %}

{# A key that stands twice below the first level hides what it stands in. #}
{% macro spark__json_children(text, alias) %}
    cross join lateral inline(
        case
            when substr({{ text }}, 1, 1) = '{'
                then transform(map_entries(from_json({{ text }}, 'map<string, variant>')), member -> struct(member.key as name, {{ spark_json_node('member.value') }} as node))
            else transform({{ spark_elements('try_parse_json(' ~ text ~ ')') }}, element -> struct(cast(null as string) as name, {{ spark_json_node('element') }} as node))
        end
    ) as {{ alias }} (name, node)
{% endmacro %}

{# The JSON of a token, in which 5.0 does not become 5. token: variant SQL. Returns string. #}
{% macro spark_json_node(token) %}to_json({{ token }}) || case when schema_of_variant({{ token }}) like 'DECIMAL%' and not contains(to_json({{ token }}), '.') then '.0' else '' end{% endmacro %}

{#
  The text of a JSON string, unescaped. text: string SQL of readable JSON. Returns string; null for null and for JSON that is not a string.
#}
{% macro json_string_text(text) %}{{ return(adapter.dispatch('json_string_text', 'coco_warehouse')(text)) }}{% endmacro %}

{% macro duckdb__json_string_text(text) %}json_extract_string(case when substr({{ text }}, 1, 1) = '"' then {{ text }} end, '$'){% endmacro %}

{% macro postgres__json_string_text(text) %}(cast(case when substr({{ text }}, 1, 1) = '"' then {{ text }} end as json) #>> '{}'){% endmacro %}

{% macro spark__json_string_text(text) %}try_variant_get(try_parse_json(case when substr({{ text }}, 1, 1) = '"' then {{ text }} end), '$', 'string'){% endmacro %}

{#
  A token is the JSON of one leaf: string on DuckDB and PostgreSQL, variant on Spark. Missing and JSON null are both null to these macros.
#}

{# 'string', 'number', 'boolean', 'object' or 'array'. token: token SQL. Returns string; null for null. #}
{% macro token_kind(token) %}{{ return(adapter.dispatch('token_kind', 'coco_warehouse')(token)) }}{% endmacro %}

{% macro default__token_kind(token) %}case substr({{ token }}, 1, 1) when '"' then 'string' when '{' then 'object' when '[' then 'array' when 't' then 'boolean' when 'f' then 'boolean' when 'n' then null else case when {{ token }} is not null then 'number' end end{% endmacro %}

{# The schema of a variant begins with a word of capitals: DECIMAL(3,1), OBJECT<...>, and VOID for null. #}
{% macro spark__token_kind(token) %}
    try_element_at(
        map('STRING', 'string', 'BIGINT', 'number', 'DECIMAL', 'number', 'DOUBLE', 'number', 'BOOLEAN', 'boolean', 'OBJECT', 'object', 'ARRAY', 'array'),
        regexp_extract(schema_of_variant({{ token }}), '^[A-Z]+', 0)
    )
{%- endmacro %}

{# The text of a string token, unescaped. token: token SQL. Returns string; null for null and for any other kind. #}
{% macro token_text(token) %}{{ return(adapter.dispatch('token_text', 'coco_warehouse')(token)) }}{% endmacro %}

{% macro duckdb__token_text(token) %}case when substr({{ token }}, 1, 1) = '"' then case when contains({{ token }}, chr(92)) then json_extract_string({{ token }}, '$') else substr({{ token }}, 2, length({{ token }}) - 2) end end{% endmacro %}

{# A text without a backslash has no quotes in it; split_part takes a quarter of the time of btrim. #}
{% macro postgres__token_text(token) %}case when left({{ token }}, 1) = '"' then case when strpos({{ token }}, chr(92)) = 0 then split_part({{ token }}, '"', 2) else cast({{ token }} as json) #>> '{}' end end{% endmacro %}

{% macro spark__token_text(token) %}case when {{ token_kind(token) }} = 'string' then cast({{ token }} as string) end{% endmacro %}

{#
  A number is judged as JSON readers read it: a whole number as it stands, any other as the nearest double. DuckDB gives no more than that, so
  PostgreSQL does not ask for more: a fraction beyond the 17th digit is in neither. What is whole is then kept exactly, in bigint.
  Amounts stay below 10^12 so that no sum over an array of a document, of 16 MiB at most, is too large for bigint.
#}

{# Whether a token is a number with no fraction, below 10^12 in size, however it is written. token: token SQL. Returns boolean; null for null. #}
{% macro is_cents_token(token) %}{{ return(adapter.dispatch('is_cents_token', 'coco_warehouse')(token)) }}{% endmacro %}

{# DuckDB has written every number out before this sees it: 1e3 is 1000.0. #}
{% macro duckdb__is_cents_token(token) %}regexp_full_match({{ token }}, '-?[0-9]{1,12}([.]0+)?'){% endmacro %}

{% macro postgres__is_cents_token(token) %}
    case
        when {{ token_kind(token) }} is null then null
        when {{ token_kind(token) }} <> 'number' then false
        when {{ token }} ~ '^-?[0-9]{1,12}$' then true
        when {{ is_number_token(token) }} then {{ postgres_number(token) }} = trunc({{ postgres_number(token) }})
        else false
    end
{% endmacro %}

{% macro spark__is_cents_token(token) %}
    case
        when {{ token_kind(token) }} is null then null
        when {{ is_number_token(token) }} then {{ spark_number(token) }} = floor({{ spark_number(token) }})
        else false
    end
{% endmacro %}

{# Whether a token is a number, below 10^12 in size. token: token SQL. Returns boolean; null for null. #}
{% macro is_number_token(token) %}{{ return(adapter.dispatch('is_number_token', 'coco_warehouse')(token)) }}{% endmacro %}

{% macro duckdb__is_number_token(token) %}(substr({{ token }}, 1, 1) in ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') and abs(try_cast({{ token }} as decimal(38, 9))) < 1000000000000){% endmacro %}

{% macro postgres__is_number_token(token) %}
    case
        when {{ token_kind(token) }} is null then null
        when {{ token_kind(token) }} = 'number' then coalesce(abs({{ postgres_number(token) }}) < 1000000000000, false)
        else false
    end
{% endmacro %}

{% macro spark__is_number_token(token) %}
    case
        when {{ token_kind(token) }} is null then null
        else {{ token_kind(token) }} = 'number' and abs({{ spark_number(token) }}) < 1000000000000
    end
{% endmacro %}

{# What a number token is judged on, double; its value is number_token_as. token: variant SQL of a number. #}
{% macro spark_number(token) %}cast({{ token }} as double){% endmacro %}

{#
  The value of a number token, numeric: a whole number of up to 18 digits as it stands, any other as the nearest double (see above); null where
  it is too large for a double, 0 where it is too small for one. token: string SQL of a number.
#}
{% macro postgres_number(token) %}
    case
        when {{ token }} ~ '^-?[0-9]{1,18}$' then cast({{ token }} as numeric)
        when pg_input_is_valid({{ token }}, 'double precision') then cast(cast(cast({{ token }} as double precision) as text) as numeric)
        when {{ token }} ~ '^-?[0-9]{1,40}([.][0-9]{1,40})?[eE]-' then 0
    end
{%- endmacro %}

{# Whether a number token is too large, rather than a fraction. token: token SQL of a number. Returns boolean. #}
{% macro is_large_number_token(token) %}coalesce(not {{ is_number_token(token) }}, true){% endmacro %}

{# A number token as a type. token: token SQL that is_cents_token or is_number_token holds for; sql_type: 'bigint' or a decimal. #}
{% macro number_token_as(token, sql_type) %}{{ return(adapter.dispatch('number_token_as', 'coco_warehouse')(token, sql_type)) }}{% endmacro %}

{% macro duckdb__number_token_as(token, sql_type) %}cast({{ token }} as {{ sql_type }}){% endmacro %}

{% macro postgres__number_token_as(token, sql_type) %}cast({{ postgres_number(token) }} as {{ sql_type }}){% endmacro %}

{# A variant keeps a whole number that bigint holds as one; only what has a fraction or an exponent is read as the nearest double. #}
{% macro spark__number_token_as(token, sql_type) %}
    case
        when schema_of_variant({{ token }}) = 'BIGINT' then cast({{ token }} as {{ sql_type }})
        else cast({{ spark_number(token) }} as {{ sql_type }})
    end
{%- endmacro %}

{# A kind in words for people. kind: string SQL. Returns string; 'nothing' for null and for 'null'. #}
{% macro kind_in_words(kind) %}case {{ kind }} when 'string' then 'text' when 'number' then 'a number' when 'boolean' then 'true or false' when 'object' then 'an object' when 'array' then 'an array' else 'nothing' end{% endmacro %}

{#
  Whether a text is a timestamp that states its zone, of the years 1000 to 9899: year 0 is a year on DuckDB alone, year 1 and year 9999 are how some
  programs write none, and of what a zone or a term takes beyond 9999 no program in Python reads a date.
  text: string SQL. Returns boolean; null for null.
#}
{% macro is_zoned_timestamp_text(text) %}{{ matches(text, '^([1-8][0-9]|9[0-8])[0-9]{2}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])$') }}{% endmacro %}

{#
  The elements of JSON arrays, a row each, in order.
  from_relation: name of a relation or CTE; keys: list of its columns to keep; array: its string column that holds a JSON array
  (null and anything else: no rows); from_query: a select statement to read instead, under the name from_relation. Returns: a select statement with the keys, position (bigint, from 1) and
  element (string: the JSON of the element).
#}
{% macro open_array(from_relation, keys, array, from_query=none) %}
    {%- set read = '(' ~ from_query ~ ') as ' ~ from_relation if from_query else from_relation -%}
    {{ return(adapter.dispatch('open_array', 'coco_warehouse')(read, from_relation, keys, array)) }}
{% endmacro %}

{% macro duckdb__open_array(read, from_relation, keys, array) %}
select
    {%- for key in keys %}
    {{ key }},
    {%- endfor %}
    position,
    coalesce(cast(opened as varchar), 'null') as element,
from (
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        unnest(elements) as opened,
        generate_subscripts(elements, 1) as position,
    from (
        select
            {%- for key in keys %}
            {{ key }},
            {%- endfor %}
            from_json(case when substr({{ array }}, 1, 1) = '[' then {{ array }} end, '["JSON"]') as elements,
        from {{ read }}
    ) as lists
) as opened_elements
{% endmacro %}

{% macro postgres__open_array(read, from_relation, keys, array) %}
select
    {%- for key in keys %}
    {{ from_relation }}.{{ key }},
    {%- endfor %}
    opened.position,
    cast(opened.element as text) as element
from {{ read }}
cross join lateral json_array_elements(case when {{ from_relation }}.{{ array }} is json array then cast({{ from_relation }}.{{ array }} as json) end)
    with ordinality as opened (element, position)
{% endmacro %}

{% macro spark__open_array(read, from_relation, keys, array) %}
select
    {%- for key in keys %}
    {{ from_relation }}.{{ key }},
    {%- endfor %}
    cast(opened.place + 1 as bigint) as position,
    to_json(opened.token) as element
from {{ read }}
lateral view posexplode({{ spark_elements('try_parse_json(' ~ from_relation ~ '.' ~ array ~ ')') }}) opened as place, token
{% endmacro %}

{#
  The elements of JSON arrays whose content nobody declares, each as one text on every engine: its members in their order, without the blanks
  between its parts. Escaped characters, and numbers with an exponent or with zeros at their end, stay as the engine writes them.
  As open_array takes it. Returns: a select statement with the keys, position (bigint, from 1) and element (string: the JSON of the element).
#}
{% macro open_contents(from_relation, keys, array) %}{{ return(adapter.dispatch('open_contents', 'coco_warehouse')(from_relation, keys, array)) }}{% endmacro %}

{% macro duckdb__open_contents(from_relation, keys, array) %}{{ open_array(from_relation, keys, array) }}{% endmacro %}

{# PostgreSQL keeps the blanks as they came. #}
{% macro postgres__open_contents(from_relation, keys, array) %}
select
    {%- for key in keys %}
    {{ key }},
    {%- endfor %}
    position,
    {{ replace_pattern('element', '("(?:[^"\\\\]|\\\\.)*")|[[:space:]]+', '\\1') }} as element
from (
    {{ open_array(from_relation, keys, array) }}
) as opened_elements
{% endmacro %}

{# A variant has its members in the order of their names; read as texts, elements keep their order, and strings lose their quotes. #}
{% macro spark__open_contents(from_relation, keys, array) %}
select
    {%- for key in keys %}
    {{ from_relation }}.{{ key }},
    {%- endfor %}
    cast(opened.place + 1 as bigint) as position,
    opened.element
from {{ from_relation }}
lateral view posexplode(zip_with(
    {{ spark_elements('try_parse_json(' ~ from_relation ~ '.' ~ array ~ ')') }},
    from_json({{ from_relation }}.{{ array }}, 'array<string>'),
    (token, content) -> case when left(to_json(token), 1) in ('{', '[') then content else to_json(token) end
)) opened as place, element
{% endmacro %}

{# The elements of an array. token: variant SQL. Returns: array of variant SQL; null for anything else. #}
{% macro spark_elements(token) %}try_variant_get({{ token }}, '$', 'array<variant>'){% endmacro %}

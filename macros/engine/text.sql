{#
  Text that people or other systems wrote, read without ever failing: what does not fit is null, and the models report it.
#}

{#
  Whether a text matches a pattern somewhere. text: string SQL; pattern: POSIX pattern without backslashes. Returns boolean; null for null.
#}
{% macro matches(text, pattern) %}{{ return(adapter.dispatch('matches', 'coco_warehouse')(text, pattern)) }}{% endmacro %}

{% macro duckdb__matches(text, pattern) %}regexp_matches({{ text }}, '{{ pattern }}'){% endmacro %}

{% macro postgres__matches(text, pattern) %}({{ text }} ~ '{{ pattern }}'){% endmacro %}

{% macro spark__matches(text, pattern) %}regexp_like({{ text }}, {{ spark_pattern(pattern) }}){% endmacro %}

{#
  A POSIX pattern as the engine of Java reads it, in a literal that keeps its backslashes. Java opens a class within a class at a bracket, knows
  [:space:] by other names, and lets $ stand before the last line end.
  pattern: POSIX pattern without quotes. Returns: SQL literal.
#}
{% macro spark_pattern(pattern) %}
    {%- set java = namespace(pattern='', in_class=false, at_start=false, is_escaped=false) -%}
    {%- for letter in pattern | replace('[:space:]', '\\s') | replace('[:cntrl:]', '\\p{Cntrl}') -%}
        {%- set written = letter -%}
        {%- if java.is_escaped -%}
            {%- set java.is_escaped = false -%}
            {%- set java.at_start = false -%}
        {%- elif letter == '\\' -%}
            {%- set java.is_escaped = true -%}
        {%- elif not java.in_class -%}
            {%- set java.in_class = letter == '[' -%}
            {%- set java.at_start = true -%}
            {%- set written = '\\z' if letter == '$' else letter -%}
        {%- elif not (letter == '^' and java.at_start) -%}
            {%- set java.in_class = letter != ']' or java.at_start -%}
            {%- set written = '\\' ~ letter if letter in '[&' or (letter == ']' and java.at_start) else letter -%}
            {%- set java.at_start = false -%}
        {%- endif -%}
        {%- set java.pattern = java.pattern ~ written -%}
    {%- endfor -%}
    {{ return("r'" ~ java.pattern ~ "'") }}
{% endmacro %}

{#
  Text without the blanks around it. DuckDB would strip every Unicode space, PostgreSQL only blanks, unless told which.
  text: string SQL. Returns string; null for null.
#}
{% macro trimmed(text) %}trim(both ' ' from {{ text }}){% endmacro %}

{# Text in small letters, each letter by itself. text: string SQL. Returns string; null for null. #}
{% macro lowered(text) %}{{ return(adapter.dispatch('lowered', 'coco_warehouse')(text)) }}{% endmacro %}

{% macro default__lowered(text) %}lower({{ text }}){% endmacro %}

{# Spark makes two characters of the first, and another of the second where a word ends. #}
{% macro spark__lowered(text) %}lower(translate({{ text }}, 'İΣ', 'iσ')){% endmacro %}

{#
  Text with every run of blanks, tabs, line ends and no-break spaces folded to one blank, trimmed: as coco load folds a header.
  Most texts have no such run, and looking for one takes less time than replacing it. text: string SQL. Returns string; null for null.
#}
{% macro folded_blanks(text) %}
    {%- set space = '[:space:]\u00a0' -%}
    case
        when {{ matches(text, '^[' ~ space ~ ']|[' ~ space ~ ']$|[' ~ space ~ ']{2}|[^ -~]') }} then {{ trimmed(replace_pattern(text, '[' ~ space ~ ']+', ' ')) }}
        else {{ text }}
    end
{%- endmacro %}

{#
  Text with every match of a pattern replaced. text: string SQL; pattern, replacement: literals. Returns string; null for null.
#}
{% macro replace_pattern(text, pattern, replacement) %}{{ return(adapter.dispatch('replace_pattern', 'coco_warehouse')(text, pattern, replacement)) }}{% endmacro %}

{% macro default__replace_pattern(text, pattern, replacement) %}regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g'){% endmacro %}

{% macro spark__replace_pattern(text, pattern, replacement) %}regexp_replace({{ text }}, {{ spark_pattern(pattern) }}, '{{ replacement }}'){% endmacro %}

{#
  A timestamp text with a zone (ISO 8601, Z or offset, at most six fraction digits, hour under 24) as UTC. A text without a zone is UTC.
  text: string SQL. Returns timestamp; null for null and for anything else.
#}
{% macro text_to_timestamp(text) %}{{ return(adapter.dispatch('text_to_timestamp', 'coco_warehouse')(text)) }}{% endmacro %}

{% macro timestamp_pattern() %}^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])?${% endmacro %}

{% macro duckdb__text_to_timestamp(text) %}
    try_cast(
        case
            when {{ matches(text, timestamp_pattern()) }}
                then case when {{ matches(text, '(Z|[+-][0-9]{2}:?[0-9]{2})$') }} then {{ text }} else {{ text }} || 'Z' end
        end as timestamptz
    ) at time zone 'UTC'
{% endmacro %}

{% macro postgres__text_to_timestamp(text) %}
    cast(
        case
            when {{ matches(text, timestamp_pattern()) }} and pg_input_is_valid({{ text }}, 'timestamptz')
                then case when {{ matches(text, '(Z|[+-][0-9]{2}:?[0-9]{2})$') }} then {{ text }} else {{ text }} || 'Z' end
        end as timestamptz
    ) at time zone 'UTC'
{% endmacro %}

{% macro spark__text_to_timestamp(text) %}try_cast(case when {{ matches(text, timestamp_pattern()) }} then {{ text }} end as timestamp){% endmacro %}

{#
  A date as statements and banks write it: 2026-09-01, 2026-09-01 18:20:46, 9/1/26 or 09/01/2026. Two-digit years are of this century.
  text: string SQL. Returns date; null for null and for anything else, an impossible day included.
#}
{% macro text_to_date(text) %}{{ return(adapter.dispatch('text_to_date', 'coco_warehouse')(iso_date_text(text))) }}{% endmacro %}

{% macro iso_date_text(text) %}
    case
        when {{ matches(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}($|[T ])') }} then substr({{ text }}, 1, 10)
        when {{ matches(text, '^[0-9]{1,2}/[0-9]{1,2}/([0-9]{2}|[0-9]{4})($| )') }}
            then case when length(split_part(split_part({{ text }}, ' ', 1), '/', 3)) = 2 then '20' else '' end
                || split_part(split_part({{ text }}, ' ', 1), '/', 3)
                || '-' || lpad(split_part({{ text }}, '/', 1), 2, '0')
                || '-' || lpad(split_part({{ text }}, '/', 2), 2, '0')
    end
{% endmacro %}

{% macro default__text_to_date(iso) %}try_cast({{ iso }} as date){% endmacro %}

{% macro postgres__text_to_date(iso) %}case when pg_input_is_valid({{ iso }}, 'date') then cast({{ iso }} as date) end{% endmacro %}

{#
  A UTC timestamp as the wall clock of a zone. at: timestamp SQL (UTC); zone: string SQL, an IANA name. Returns timestamp; null for null.
#}
{% macro local_timestamp(at, zone) %}{{ return(adapter.dispatch('local_timestamp', 'coco_warehouse')(at, zone)) }}{% endmacro %}

{% macro default__local_timestamp(at, zone) %}(({{ at }} at time zone 'UTC') at time zone {{ zone }}){% endmacro %}

{% macro spark__local_timestamp(at, zone) %}from_utc_timestamp({{ at }}, {{ zone }}){% endmacro %}

{#
  The wall clock of a zone as UTC; of the hour that comes twice, when clocks are set back, the second. at: timestamp SQL (local); zone: string SQL.
  Returns timestamp; null for null.
#}
{% macro utc_from_local(at, zone) %}{{ return(adapter.dispatch('utc_from_local', 'coco_warehouse')(at, zone)) }}{% endmacro %}

{% macro default__utc_from_local(at, zone) %}(({{ at }} at time zone {{ zone }}) at time zone 'UTC'){% endmacro %}

{# Spark takes the first of the two. #}
{% macro spark__utc_from_local(at, zone) %}
    case
        when from_utc_timestamp(to_utc_timestamp({{ at }}, {{ zone }}) + interval 1 hour, {{ zone }}) = {{ at }} then to_utc_timestamp({{ at }}, {{ zone }}) + interval 1 hour
        else to_utc_timestamp({{ at }}, {{ zone }})
    end
{%- endmacro %}

{# A text to order by, byte by byte, the same on every engine. text: string SQL. Returns string. #}
{% macro binary_order(text) %}{{ return(adapter.dispatch('binary_order', 'coco_warehouse')(text)) }}{% endmacro %}

{% macro default__binary_order(text) %}{{ text }}{% endmacro %}

{% macro postgres__binary_order(text) %}{{ text }} collate "C"{% endmacro %}

{# A date, or null for a placeholder such as 12/31/00: nothing was sold before 2010. date: date SQL. Returns date; null for null. #}
{% macro real_date(date) %}case when {{ date }} >= date '2010-01-01' then {{ date }} end{% endmacro %}

{#
  All columns of a row as one text, which differs where any of them does; each engine writes it in its own way. relation: name of a relation
  or CTE in the same select. Returns string, never null.
#}
{% macro whole_row_text(relation) %}{{ return(adapter.dispatch('whole_row_text', 'coco_warehouse')(relation)) }}{% endmacro %}

{% macro default__whole_row_text(relation) %}cast({{ relation }} as {{ dbt.type_string() }}){% endmacro %}

{% macro spark__whole_row_text(relation) %}to_json(struct({{ relation }}.*), map('ignoreNullFields', 'false')){% endmacro %}

{#
  One short text for all rows of several relations, which differs where any of them does. relations: list of names of CTEs.
  Returns: a select statement of one row with reading_id, string, never null.
#}
{% macro rows_reading(relations) %}
    select md5(coalesce({{ dbt.listagg('relation_name || row_text', 'chr(10)', 'order by relation_name, row_text') }}, '')) as reading_id
    from (
        {%- for relation in relations %}
        select
            '{{ relation }}' as relation_name,
            {{ whole_row_text(relation) }} as row_text
        from {{ relation }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as relation_rows
{% endmacro %}

{#
  One short text for several: the same parts give the same key on every engine. parts: list of string SQL; null counts as ''.
  Returns string of 32 hexadecimal digits, never null.
#}
{% macro hashed_key(parts) %}md5({% for part in parts %}coalesce({{ part }}, ''){{ " || '|' || " if not loop.last }}{% endfor %}){% endmacro %}

{# Days from one date to another. first_date, second_date: date SQL. Returns integer; null when either is null. #}
{% macro days_between(first_date, second_date) %}{{ return(adapter.dispatch('days_between', 'coco_warehouse')(first_date, second_date)) }}{% endmacro %}

{% macro duckdb__days_between(first_date, second_date) %}date_diff('day', {{ first_date }}, {{ second_date }}){% endmacro %}

{% macro postgres__days_between(first_date, second_date) %}({{ second_date }} - {{ first_date }}){% endmacro %}

{% macro spark__days_between(first_date, second_date) %}datediff({{ second_date }}, {{ first_date }}){% endmacro %}

{#
  The part of a text that the first group of a pattern matches. text: string SQL; pattern: literal with one group.
  Returns string; null for null and where nothing matches.
#}
{% macro first_match(text, pattern) %}{{ return(adapter.dispatch('first_match', 'coco_warehouse')(text, pattern)) }}{% endmacro %}

{% macro duckdb__first_match(text, pattern) %}nullif(regexp_extract({{ text }}, '{{ pattern }}', 1), ''){% endmacro %}

{% macro postgres__first_match(text, pattern) %}substring({{ text }} from '{{ pattern }}'){% endmacro %}

{% macro spark__first_match(text, pattern) %}nullif(regexp_extract({{ text }}, {{ spark_pattern(pattern) }}, 1), ''){% endmacro %}

{# The five characters of an order that a text names as "order #A1B2C" (Uber Eats account rows). text: string SQL. Returns string or null. #}
{% macro order_number_in_text(text) %}{{ first_match(text, 'order #([0-9A-Za-z]{5})') }}{% endmacro %}

{#
  Those of some texts that are not null, a line each. texts: list of string SQL, of any length. Returns string; null when all are null.
#}
{% macro joined_lines(texts) %}{{ return(adapter.dispatch('joined_lines', 'coco_warehouse')(texts or ['cast(null as ' ~ dbt.type_string() ~ ')'])) }}{% endmacro %}

{# DuckDB writes its argument out several times in array_to_string: over a hundred findings that took ten times as long. #}
{% macro default__joined_lines(texts) %}nullif(concat_ws(chr(10), {{ texts | join(', ') }}), ''){% endmacro %}

{# PostgreSQL takes at most 100 arguments in concat_ws. #}
{% macro postgres__joined_lines(texts) %}nullif(array_to_string(array[{{ texts | join(', ') }}], chr(10)), ''){% endmacro %}

{# dbt's own macro takes no order on Spark. Arguments as dbt.listagg, of which the order is given and the number of rows is not. #}
{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) %}listagg({{ measure }}, {{ delimiter_text }}) within group ({{ order_by_clause }}){% endmacro %}

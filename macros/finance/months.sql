{#
  Months, as periods of the ledger.
#}

{# The first day of a day's month. day: date SQL. Returns date; null for null. #}
{% macro first_of_month(day) %}cast({{ dbt.date_trunc('month', day) }} as date){% endmacro %}

{# A day's month as YYYY-MM. day: date SQL. Returns string; null for null. #}
{% macro month_text(day) %}substr(cast({{ day }} as {{ dbt.type_string() }}), 1, 7){% endmacro %}

{#
  Every month from one to another, each in a row of its own: the last column but for others of a select list, which stand in all of its rows.
  first_month, last_month: date SQL, firsts of a month. Returns date, a row a month; no row where the last lies before the first.
#}
{% macro each_month(first_month, last_month) %}{{ return(adapter.dispatch('each_month', 'coco_warehouse')(first_month, last_month)) }}{% endmacro %}

{% macro duckdb__each_month(first_month, last_month) -%}
    cast(unnest(generate_series(cast({{ first_month }} as timestamp), cast({{ last_month }} as timestamp), interval 1 month)) as date)
{%- endmacro %}

{% macro postgres__each_month(first_month, last_month) -%}
    cast(generate_series(cast({{ first_month }} as timestamp), cast({{ last_month }} as timestamp), interval '1 month') as date)
{%- endmacro %}

{% macro spark__each_month(first_month, last_month) -%}
    explode(case when {{ last_month }} >= {{ first_month }} then sequence({{ first_month }}, {{ last_month }}, interval 1 month) end)
{%- endmacro %}

{#
  Days, and arithmetic on them, where engines differ.
#}

{#
  Every day from one to another. first_day, last_day: strings YYYY-MM-DD. Returns: a select statement with the column day (date).
#}
{% macro generate_days(first_day, last_day) %}{{ return(adapter.dispatch('generate_days', 'coco_warehouse')(first_day, last_day)) }}{% endmacro %}

{% macro duckdb__generate_days(first_day, last_day) %}
    select cast(generated.day as date) as day
    from generate_series(timestamp '{{ first_day }}', timestamp '{{ last_day }}', interval 1 day) as generated (day)
{% endmacro %}

{% macro postgres__generate_days(first_day, last_day) %}
    select cast(generated.day as date) as day
    from generate_series(timestamp '{{ first_day }}', timestamp '{{ last_day }}', interval '1 day') as generated (day)
{% endmacro %}

{% macro spark__generate_days(first_day, last_day) %}
    select explode(sequence(date '{{ first_day }}', date '{{ last_day }}', interval 1 day)) as day
{% endmacro %}

{# ISO weekday, 1 is Monday. day: date SQL. Returns bigint; null for null. #}
{% macro iso_weekday(day) %}{{ return(adapter.dispatch('iso_weekday', 'coco_warehouse')(day)) }}{% endmacro %}

{% macro default__iso_weekday(day) %}cast(extract(isodow from {{ day }}) as bigint){% endmacro %}

{% macro spark__iso_weekday(day) %}cast(extract(dayofweek_iso from {{ day }}) as bigint){% endmacro %}

{# A day some days later. day: date SQL; days: bigint SQL, may be negative. Returns date; null when either is null. #}
{% macro add_days(day, days) %}({{ day }} + cast({{ days }} as integer)){% endmacro %}

{#
  Months, as periods of the ledger.
#}

{# The first day of a day's month. day: date SQL. Returns date; null for null. #}
{% macro first_of_month(day) %}cast({{ dbt.date_trunc('month', day) }} as date){% endmacro %}

{# A day's month as YYYY-MM. day: date SQL. Returns string; null for null. #}
{% macro month_text(day) %}substr(cast({{ day }} as {{ dbt.type_string() }}), 1, 7){% endmacro %}

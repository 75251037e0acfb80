{#
  Rows of literals for tests of macros, kept from being folded into the query (PostgreSQL folds CASE guards over constants).
  names: list of column names; rows: list of lists of SQL literals. Returns: the CTE `cases`, to stand after `with`.
#}
{% macro literal_cases(names, rows) %}{{ return(adapter.dispatch('literal_cases', 'coco_warehouse')(names, rows)) }}{% endmacro %}

{% macro default__literal_cases(names, rows) %}
cases as materialized (
    {{ rows_of_literals(names, rows) }}
)
{% endmacro %}

{# Spark reads a backslash in a literal as the beginning of an escape. #}
{% macro spark__literal_cases(names, rows) %}
cases as (
    {{ rows_of_literals(names, rows) | replace('\\', '\\\\') }}
)
{% endmacro %}

{# Arguments as literal_cases. Returns: select statements, united. #}
{% macro rows_of_literals(names, rows) %}
    {%- for row in rows %}
    select {% for value in row %}{{ value }} as {{ names[loop.index0] }}{{ ', ' if not loop.last }}{% endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}

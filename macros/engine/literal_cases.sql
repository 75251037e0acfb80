{#
  Rows of literals for tests of macros, kept from being folded into the query (PostgreSQL folds CASE guards over constants).
  names: list of column names; rows: list of lists of SQL literals. Returns: the CTE `cases`, to stand after `with`.
#}
{% macro literal_cases(names, rows) %}
cases as materialized (
    {%- for row in rows %}
    select {% for value in row %}{{ value }} as {{ names[loop.index0] }}{{ ', ' if not loop.last }}{% endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)
{% endmacro %}

{#
  Several rows from each row of a relation.
  from_relation: name of a relation or CTE; keys: list of its columns to keep; names: list of the columns that differ; rows: list of lists of their
  values, SQL over from_relation, of the same types in every row. Returns: a select statement with the keys and the names.
#}
{% macro several_rows(from_relation, keys, names, rows) %}{{ return(adapter.dispatch('several_rows', 'coco_warehouse')(from_relation, keys, names, rows)) }}{% endmacro %}

{% macro default__several_rows(from_relation, keys, names, rows) %}
    {%- for row in rows %}
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        {%- for name in names %}
        {{ row[loop.index0] }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ from_relation }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{# Spark works a CTE out again for every select that reads it. #}
{% macro spark__several_rows(from_relation, keys, names, rows) %}
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        {%- for name in names %}
        several.{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ from_relation }}
    lateral view inline(array(
        {%- for row in rows %}
        struct({% for name in names %}{{ row[loop.index0] }} as {{ name }}{{ ', ' if not loop.last }}{% endfor %}){{ ',' if not loop.last }}
        {%- endfor %}
    )) several as {{ names | join(', ') }}
{% endmacro %}

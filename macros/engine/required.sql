{#
  Stops the run with the rows that a query finds, so that whoever keeps the reference data reads which row to mend. For post-hooks of models.
  query: a select statement of text columns, which should find nothing; complaint: what is wrong with the rows, and how to mend it.
  Returns nothing. At most 20 rows are said.
#}
{% macro stop_on_rows(query, complaint) %}
    {%- if execute -%}
        {%- set found = run_query(query) -%}
        {%- if found is not none and found.rows | length > 0 -%}
            {%- set said = [] -%}
            {%- for row in found.rows[:20] -%}
                {%- do said.append(row.values() | map('default', '(blank)', true) | join(', ')) -%}
            {%- endfor -%}
            {%- do exceptions.raise_compiler_error(
                complaint ~ '\n  - ' ~ said | join('\n  - ') ~ ('\n  and ' ~ (found.rows | length - 20) ~ ' more' if found.rows | length > 20 else '')
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

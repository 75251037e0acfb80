{#
  The query of a test of reference data, which says the rows that it finds where dbt builds or tests: "Got 2 results" would not tell what to mend.
  query: a select statement of text columns, which should find nothing; complaint: what is wrong with the rows, and how to mend it. Returns the query.
#}
{% macro rows_to_mend(query, complaint) %}
    {%- if flags.WHICH in ['build', 'test'] -%}
        {%- do stop_on_rows(query, complaint) -%}
    {%- endif -%}
    {{ return(query) }}
{% endmacro %}

{# Some columns of a row as one text, "(every)" for blank. columns: list of column SQL of any type. Returns string SQL. #}
{% macro row_text(columns) %}
    {%- for column in columns -%}coalesce(cast({{ column }} as {{ dbt.type_string() }}), '(every)'){{ " || ', ' || " if not loop.last }}{%- endfor -%}
{% endmacro %}

{#
  Whether a local date of an order tells anything of the seeds: one before 2020 or long after now is a slip of a document.
  day: date SQL. Returns boolean SQL; null for null.
#}
{% macro is_plausible_order_date(day) %}
    {{ day }} between date '2020-01-01' and {{ add_days('cast(' ~ as_of_timestamp() ~ ' as date)', '366') }}
{% endmacro %}

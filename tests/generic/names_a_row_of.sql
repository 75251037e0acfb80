{#
  Rows of a seed whose key stands in no row of another. The rows are said where dbt builds or tests.
  columns: list of columns; a row in which one of them is blank names nothing. to: ref of the other seed; fields: their names there, the same if left out.
#}
{% test names_a_row_of(model, columns, to, fields=none) %}
    {%- set fields = fields or columns -%}
    {%- set query -%}
        with

        named as (
            select * from {{ model }}
        ),

        known as (
            select * from {{ to }}
        )

        select distinct {{ row_text(columns) }} as row_text
        from named
        where
            {%- for column in columns %}
            named.{{ column }} is not null and
            {%- endfor %}
            not exists (
                select 1 from known
                where
                    {%- for column in columns %}
                    known.{{ fields[loop.index0] }} = named.{{ column }}{{ ' and' if not loop.last }}
                    {%- endfor %}
            )
        order by 1
    {%- endset -%}
    {{ rows_to_mend(query, 'The seed ' ~ model.identifier ~ ' names what ' ~ to.identifier ~ ' has no row of (' ~ columns | join(', ') ~ '); correct the name, or add the row there:') }}
{% endtest %}

{#
  Rows of a seed that hold on one day under one key, or that end before they begin. The rows are said where dbt builds or tests.
  columns: list of the columns that make the key; a blank part of it ("every store") is a value of its own.
#}
{% test validity_does_not_overlap(model, columns) %}
    {%- set query -%}
        with

        windows as (
            select
                {{ row_text(columns) }} as key_text,
                valid_from,
                coalesce(valid_to, date '9999-12-31') as valid_to,
                row_number() over (order by valid_from, valid_to, {{ columns | join(', ') }}) as place
            from {{ model }}
        )

        select
            earlier.key_text,
            {{ row_text(['earlier.valid_from']) }} || ' to ' || {{ row_text(['earlier.valid_to']) }} as earlier_text,
            {{ row_text(['later.valid_from']) }} || ' to ' || {{ row_text(['later.valid_to']) }} as later_text
        from windows as earlier
        inner join windows as later
            on earlier.key_text = later.key_text
            and earlier.place < later.place
            and later.valid_from <= earlier.valid_to
        union all
        select
            key_text,
            {{ row_text(['valid_from']) }} || ' to ' || {{ row_text(['valid_to']) }},
            'ends before it begins'
        from windows
        where valid_to < valid_from
        order by 1, 2, 3
    {%- endset -%}
    {{ rows_to_mend(query, 'Rows of the seed ' ~ model.identifier ~ ' overlap (' ~ columns | join(', ') ~ ', days of both); correct valid_from or valid_to:') }}
{% endtest %}

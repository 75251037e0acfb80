{#
  Rows of a seed that hold on one day under one key, that end before they begin, or that lack a day without which they never hold. The rows
  are said where dbt builds or tests.
  columns: list of the columns that make the key; a blank part of it ("every store") is a value of its own. With recorded_on among them, rows
  that were recorded on different days may hold on one day: known_terms says which decides.
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
        union all
        select
            {{ row_text(columns) }},
            {{ row_text(['valid_from']) }} || ' to ' || {{ row_text(['valid_to']) }},
            'valid_from{{ ' or recorded_on' if 'recorded_on' in columns }} is blank'
        from {{ model }}
        where valid_from is null{{ ' or recorded_on is null' if 'recorded_on' in columns }}
        order by 1, 2, 3
    {%- endset -%}
    {{ rows_to_mend(query, 'Rows of the seed ' ~ model.identifier ~ ' overlap (' ~ columns | join(', ') ~ ', days of both); correct valid_from or valid_to' ~ (', or record what came later on its own day' if 'recorded_on' in columns) ~ ':') }}
{% endtest %}

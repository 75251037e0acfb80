{#
  The rows of a seed as they were known on the day that the warehouse is looked at from, each with the days on which it decides: where
  several rows of one key hold on a day, the one that was recorded last. So what is recorded late stands beside what it replaces, and a build
  that looks from a day before knows what was known then.
  seed: name of the common table expression that holds the seed; keys: list of the columns that say what a row is about, where a blank is a
  value of its own; columns: list of the columns to return, without the days.
  Returns a select statement: these columns, then valid_from and valid_to (dates, never null; 9999-12-31 is no end). The days of one key never overlap.
#}
{% macro known_terms(seed, keys, columns) %}
with

known as (
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        {{ row_text(keys) }} as terms_key,
        {{ row_text(columns) }} as terms_text,
        recorded_on,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ seed }}
    where recorded_on <= cast({{ as_of_timestamp() }} as date)
),

deciding as (
    {{ deciding_rows('known', 'terms_key', 'known.recorded_on desc, known.valid_from desc, ' ~ binary_order('known.terms_text')) }}
)

select
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    first_day as valid_from,
    last_day as valid_to
from deciding
{% endmacro %}

{#
  Which of several rows of one key decides on each day.
  rows: name of a relation with valid_from and valid_to, dates that are never null; key: its column that says what a row is about; preference: SQL
  of an order in which of the rows that hold on a day the first decides.
  Returns a select statement: the columns of rows, then first_day and last_day (dates; 9999-12-31 is no end) and preference, which is 1.
#}
{% macro deciding_rows(rows, key, preference) %}
with

-- days on which another row can begin to decide
boundaries as (
    select
        {{ key }},
        valid_from as first_day
    from {{ rows }}
    union
    select
        {{ key }},
        {{ add_days('valid_to', '1') }} as first_day
    from {{ rows }}
    where valid_to < date '9999-12-31'
),

spans as (
    select
        {{ key }},
        first_day,
        coalesce(
            {{ add_days('lead(first_day) over (partition by ' ~ key ~ ' order by first_day)', '-1') }},
            date '9999-12-31'
        ) as last_day
    from boundaries
),

ranked as (
    select
        {{ rows }}.*,
        spans.first_day,
        spans.last_day,
        row_number() over (partition by spans.{{ key }}, spans.first_day order by {{ preference }}) as preference
    from spans
    inner join {{ rows }}
        on spans.{{ key }} = {{ rows }}.{{ key }}
        and spans.first_day between {{ rows }}.valid_from and {{ rows }}.valid_to
)

select * from ranked
where preference = 1
{% endmacro %}

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
        {{ seed }}.*,
        {{ row_text(keys) }} as terms_key,
        {{ row_text(columns) }} as terms_text,
        coalesce(valid_to, date '9999-12-31') as last_valid_date
    from {{ seed }}
    where recorded_on <= cast({{ as_of_timestamp() }} as date)
),

-- days on which another row can begin to decide
boundaries as (
    select
        terms_key,
        valid_from as first_day
    from known
    union
    select
        terms_key,
        {{ add_days('last_valid_date', '1') }} as first_day
    from known
    where last_valid_date < date '9999-12-31'
),

spans as (
    select
        terms_key,
        first_day,
        coalesce(
            {{ add_days('lead(first_day) over (partition by terms_key order by first_day)', '-1') }},
            date '9999-12-31'
        ) as last_day
    from boundaries
),

ranked as (
    select
        known.*,
        spans.first_day,
        spans.last_day,
        row_number() over (
            partition by spans.terms_key, spans.first_day
            order by known.recorded_on desc, known.valid_from desc, {{ binary_order('known.terms_text') }}
        ) as preference
    from spans
    inner join known
        on spans.terms_key = known.terms_key
        and spans.first_day between known.valid_from and known.last_valid_date
)

select
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    first_day as valid_from,
    last_day as valid_to
from ranked
where preference = 1
{% endmacro %}

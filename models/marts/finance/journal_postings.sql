{%- set text = dbt.type_string() -%}
{%- set keys = [
    'source_type', 'source_id', 'legal_entity', 'entry_merchant_id', 'entry_platform', 'merchant_id', 'store_id', 'platform',
    'currency_code', 'account_code', 'charge_type',
] -%}
with

computed_postings as (
    select * from {{ ref('computed_postings') }}
),

closed_postings as (
    select * from {{ ref('int_closed_postings') }}
),

last_close as (
    select * from {{ ref('int_last_close') }}
),

computed as (
    select
        computed_postings.*,
        last_close.first_open_month_date,
        computed_postings.period_month_date <= last_close.last_closed_month_date as is_closed
    from computed_postings
    cross join last_close
),

closed as (
    select
        closed_postings.*,
        last_close.first_open_month_date
    from closed_postings
    cross join last_close
),

-- what closed months would hold by now, and what they hold
compared as (
    select
        {{ keys | join(',\n        ') }},
        order_id,
        posted_cents,
        first_open_month_date
    from computed
    where is_closed
    union all
    select
        {{ keys | join(',\n        ') }},
        order_id,
        -posted_cents as posted_cents,
        first_open_month_date
    from closed
),

late as (
    select
        {{ keys | join(',\n        ') }},
        max(order_id) as order_id,
        {{ sum_cents('posted_cents') }} as posted_cents,
        first_open_month_date
    from compared
    group by
        {{ keys | join(',\n        ') }},
        first_open_month_date
    having sum(posted_cents) <> 0
),

-- it posts on the first day that is open
late_postings as (
    select
        {{ hashed_key([
            "'prior_period'", 'source_type', 'source_id', 'legal_entity', 'entry_merchant_id', 'entry_platform', 'merchant_id',
            'store_id', 'platform', 'currency_code', 'account_code', 'charge_type', 'cast(first_open_month_date as ' ~ text ~ ')',
        ]) }} as posting_id,
        {{ hashed_key([
            "'prior_period'", 'legal_entity', 'entry_merchant_id', 'entry_platform', 'currency_code',
            'cast(first_open_month_date as ' ~ text ~ ')',
        ]) }} as journal_entry_id,
        late.*
    from late
),

final as (
    {%- for relation, entry_type, entry_source_id, entry_date, month, condition in [
        ('computed', 'entry_type', 'entry_source_id', 'entry_date', 'period_month_date', 'where not is_closed'),
        ('closed_postings', 'entry_type', 'entry_source_id', 'entry_date', 'period_month_date', ''),
        ('late_postings', "'prior_period'", 'cast(null as ' ~ text ~ ')', 'first_open_month_date', 'first_open_month_date', ''),
    ] %}
    {{ 'union all' if not loop.first }}
    select
        posting_id,
        journal_entry_id,
        order_id,
        merchant_id,
        store_id,
        entry_merchant_id,
        {{ entry_source_id }} as entry_source_id,
        source_id,

        legal_entity,
        {{ entry_type }} as entry_type,
        source_type,
        platform,
        entry_platform,
        currency_code,
        account_code,
        charge_type,

        posted_cents,

        {{ entry_date }} as entry_date,
        {{ month }} as period_month_date
    from {{ relation }}
    {{ condition }}
    {%- endfor %}
)

select * from final

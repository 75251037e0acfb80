-- As far back as a number on a statement looks for its order.
{%- set days_of_one_number = 60 %}

-- which order each standing line names, in the statement's own words
with

lines as (
    select * from {{ ref('int_statement_line_states') }}
    where is_standing
),

statement_stores as (
    select * from {{ ref('int_statement_stores') }}
),

named_lines as (
    select
        lines.statement_line_id,
        lines.platform,
        statement_stores.store_id,
        lines.platform_order_uuid,
        lines.platform_order_id,
        lines.pos_order_id,
        lines.description,
        lines.line_type,
        lines.net_cents,
        upper(lines.currency_code) as currency_code,
        coalesce(upper(lines.currency_code), statement_stores.currency_code) as book_currency_code,
        {{ order_number_in_text('lines.description') }} as order_number_in_text,
        case lines.order_reference
            when 'platform_order_uuid'
                then coalesce(
                    upper(lines.platform_order_uuid),
                    '#' || upper(coalesce(lines.platform_order_id, {{ order_number_in_text('lines.description') }}))
                )
            when 'platform_order_id' then upper(coalesce(lines.platform_order_id, lines.pos_order_id, lines.platform_order_uuid))
            when 'description' then case when lines.line_type in ('sale', 'refund', 'won_back', 'chargeback') then lines.description end
        end as order_name,
        coalesce(lines.stated_order_date, lines.event_date, lines.line_payout_date, cast(lines.loaded_at as date)) as line_date
    from lines
    left join statement_stores on lines.statement_line_id = statement_stores.statement_line_id
),

-- numbers repeat over the years: a sale that is named months after the last line of its number is another order's, a reversal is not
ordered as (
    select
        *,
        lag(line_date) over (
            partition by platform, store_id, book_currency_code, order_name
            order by line_date, {{ binary_order('statement_line_id') }}
        ) as previous_line_date
    from named_lines
    where order_name is not null
),

begun as (
    select
        *,
        max(
            case
                when
                    (line_type = 'account' or line_type in ('sale', 'cancellation') and net_cents >= 0)
                    and {{ days_between('previous_line_date', 'line_date') }} > {{ days_of_one_number }}
                    then line_date
            end
        ) over (
            partition by platform, store_id, book_currency_code, order_name
            order by line_date, {{ binary_order('statement_line_id') }}
            rows unbounded preceding
        ) as begun_date
    from ordered
),

-- lines that name one order of one store in one currency stand and fall together
final as (
    select
        statement_line_id,
        {{ hashed_key(
            ['platform', 'store_id', 'book_currency_code', 'order_name', 'cast(begun_date as ' ~ dbt.type_string() ~ ')']
        ) }} as statement_order_id,

        platform,
        store_id,
        platform_order_uuid,
        platform_order_id,
        pos_order_id,
        description,
        currency_code,
        order_number_in_text,
        order_name,

        line_date
    from begun
)

select * from final

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
        upper(lines.currency_code) as currency_code,
        {{ order_number_in_text('lines.description') }} as order_number_in_text,
        case lines.order_reference
            when 'platform_order_uuid' then coalesce(lines.platform_order_uuid, '#' || {{ order_number_in_text('lines.description') }})
            when 'platform_order_id' then lines.platform_order_id
            when 'description' then case when lines.line_type in ('sale', 'refund', 'won_back', 'chargeback') then lines.description end
        end as order_name,
        coalesce(lines.stated_order_date, lines.event_date, lines.line_payout_date, cast(lines.loaded_at as date)) as line_date
    from lines
    left join statement_stores on lines.statement_line_id = statement_stores.statement_line_id
),

-- lines that name one order of one store in one currency stand and fall together
final as (
    select
        named_lines.*,
        {{ hashed_key(['platform', 'store_id', 'currency_code', 'order_name']) }} as statement_order_id
    from named_lines
    where order_name is not null
)

select * from final

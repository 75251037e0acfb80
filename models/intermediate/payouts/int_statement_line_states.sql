-- one line has several states: downloaded before it was paid, after it, in another report, with other cents
with

line_rows as (
    select
        statement_rows.*,
        {{ without_leading_zeros('coalesce(partner_store_code, platform_store_id, store_name)') }} as stated_store,
        coalesce(net_cents, components_cents) as amount_cents,
        case when payout_id is not null then 1 when payout_date is not null then 2 else 3 end as payment_rank
    from {{ ref('int_statement_rows') }} as statement_rows
    where row_outcome = 'line'
),

-- rows that name neither a transaction nor an order are told apart by what they say and how often they say it
numbered as (
    select
        line_rows.*,
        row_number() over (
            partition by source_file_hash, stated_store, date_text, description, amount_cents
            order by source_row_number
        ) as occurrence
    from line_rows
),

identified as (
    select
        numbered.*,
        case
            when line_identity = 'order_and_status' and platform_order_uuid is not null
                then {{ hashed_key(["platform", "'order'", "platform_order_uuid", "source_line_type"]) }}
            when line_identity = 'order_and_status'
                then {{ hashed_key([
                    "platform", "'account'", "stated_store", "date_text", "description",
                    "cast(amount_cents as " ~ dbt.type_string() ~ ")", "cast(occurrence as " ~ dbt.type_string() ~ ")",
                ]) }}
            else {{ hashed_key(["platform", "'transaction'", without_leading_zeros('transaction_id')]) }}
        end as statement_line_id
    from numbered
),

-- paid or not, and how much: what was paid before what was to be, then what was said last
settled as (
    select
        identified.*,
        first_value(payout_id) over by_payment as line_payout_id,
        first_value(payout_date) over by_payment as line_payout_date,
        first_value(amount_cents) over (
            partition by statement_line_id
            order by
                case when net_cents is not null then 1 else 2 end,
                case when payment_rank < 3 then 1 else 2 end,
                loaded_at desc,
                overlap_rank,
                {{ binary_order('source_file_hash') }},
                source_row_number
        ) as standing_amount_cents
    from identified
    window by_payment as (
        partition by statement_line_id
        order by payment_rank, loaded_at desc, overlap_rank, {{ binary_order('source_file_hash') }}, source_row_number
    )
),

-- of the states with that amount the report that says most, then the latest
ranked as (
    select
        settled.*,
        row_number() over (
            partition by statement_line_id
            order by
                case when amount_cents = standing_amount_cents then 1 else 2 end,
                case when net_cents is not null then 1 else 2 end,
                overlap_rank,
                payment_rank,
                loaded_at desc,
                {{ binary_order('source_file_hash') }},
                source_row_number
        ) as standing_rank
    from settled
),

-- when the sales of a store and day were seen, by report
sales as (
    select
        statement_line_id,
        statement_format,
        stated_store,
        coalesce(event_date, stated_order_date) as sale_date,
        min(payment_rank) as payment_rank,
        min(loaded_at) as first_loaded_at,
        max(loaded_at) as last_loaded_at
    from identified
    where line_type = 'sale' and payout_reference = 'stated'
    group by statement_line_id, statement_format, stated_store, coalesce(event_date, stated_order_date)
),

-- a later download repeats sales of the store and day, and leaves this one out
left_out as (
    select distinct
        sales.statement_line_id,
        sales.statement_format
    from sales
    inner join sales as repeated
        on sales.statement_format = repeated.statement_format
        and sales.stated_store = repeated.stated_store
        and sales.sale_date = repeated.sale_date
        and repeated.first_loaded_at <= sales.last_loaded_at
        and repeated.last_loaded_at > sales.last_loaded_at
    where sales.payment_rank = 3
),

-- taken back: every report that held it leaves it out, and none says that it was paid
withdrawn as (
    select sales.statement_line_id
    from sales
    left join left_out
        on sales.statement_line_id = left_out.statement_line_id
        and sales.statement_format = left_out.statement_format
    group by sales.statement_line_id
    having min(sales.payment_rank) = 3 and count(left_out.statement_line_id) = count(*)
),

final as (
    select
        ranked.statement_line_id,
        ranked.source_file_hash,
        ranked.source_row_number,

        ranked.statement_format,
        ranked.source_file_name,
        ranked.platform,
        ranked.platform_store_id,
        ranked.partner_store_code,
        ranked.store_name,
        ranked.transaction_id,
        ranked.order_reference,
        ranked.payout_reference,
        ranked.platform_order_id,
        ranked.platform_order_uuid,
        ranked.pos_order_id,
        ranked.source_line_type,
        ranked.line_type,
        ranked.channel,
        ranked.fulfilment,
        ranked.description,
        ranked.currency_code,
        ranked.payout_id,
        ranked.line_payout_id,
        ranked.payout_destination,

        ranked.net_cents,
        ranked.components_cents,
        ranked.stated_commission_rate_bps,

        ranked.standing_rank = 1 and withdrawn.statement_line_id is null as is_standing,
        withdrawn.statement_line_id is not null as is_withdrawn,
        ranked.net_cents is not null and ranked.net_cents <> ranked.standing_amount_cents as is_other_amount,

        ranked.stated_order_date,
        ranked.event_date,
        ranked.payout_date,
        ranked.line_payout_date,
        ranked.loaded_at
    from ranked
    left join withdrawn on ranked.statement_line_id = withdrawn.statement_line_id
)

select * from final

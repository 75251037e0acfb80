-- one line has several states: downloaded before it was paid, after it, in another report, with other cents
with

line_rows as (
    select
        *,
        {{ without_leading_zeros('coalesce(partner_store_code, platform_store_id, store_name)') }} as stated_store,
        coalesce(net_cents, components_cents) as amount_cents,
        case when payout_id is not null then 1 when payout_date is not null then 2 else 3 end as payment_rank
    from {{ ref('int_statement_rows') }}
    where row_outcome = 'line'
),

-- rows that name neither a transaction nor an order are told apart by what they say and how often they say it
numbered as (
    select
        source_file_hash,
        source_row_number,
        row_number() over (
            partition by source_file_hash, stated_store, date_text, description, amount_cents
            order by source_row_number
        ) as occurrence
    from line_rows
    where line_identity = 'order_and_status'
),

identified as (
    select
        line_rows.*,
        case
            when line_rows.line_identity = 'order_and_status' and line_rows.platform_order_uuid is not null
                then {{ hashed_key(["line_rows.platform", "'order'", "line_rows.platform_order_uuid", "line_rows.source_line_type"]) }}
            when line_rows.line_identity = 'order_and_status'
                then {{ hashed_key([
                    "line_rows.platform", "'account'", "line_rows.stated_store", "line_rows.date_text", "line_rows.description",
                    "cast(line_rows.amount_cents as " ~ dbt.type_string() ~ ")", "cast(numbered.occurrence as " ~ dbt.type_string() ~ ")",
                ]) }}
            else {{ hashed_key(["line_rows.platform", "'transaction'", without_leading_zeros('line_rows.transaction_id')]) }}
        end as statement_line_id
    from line_rows
    left join numbered
        on line_rows.source_file_hash = numbered.source_file_hash
        and line_rows.source_row_number = numbered.source_row_number
),

-- what the states are ordered by, without all else that they say: sorting whole rows takes twice as long
states as (
    select
        statement_line_id,
        source_file_hash,
        source_row_number,
        payout_id,
        payout_date,
        amount_cents,
        net_cents,
        payment_rank,
        overlap_rank,
        loaded_at
    from identified
),

-- paid or not, and how much: what was paid before what was to be, then what was said last
settled as (
    select
        states.*,
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
    from states
    window by_payment as (
        partition by statement_line_id
        order by payment_rank, loaded_at desc, overlap_rank, {{ binary_order('source_file_hash') }}, source_row_number
    )
),

-- of the states with that amount the report that says most, then the latest
ranked as (
    select
        source_file_hash,
        source_row_number,
        line_payout_id,
        line_payout_date,
        standing_amount_cents,
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

-- the same times stand over many sales of a store and day
repeats as (
    select distinct
        statement_format,
        stated_store,
        sale_date,
        first_loaded_at,
        last_loaded_at
    from sales
),

-- a later download repeats sales of the store and day, and leaves this one out
left_out as (
    select distinct
        sales.statement_line_id,
        sales.statement_format
    from sales
    inner join repeats
        on sales.statement_format = repeats.statement_format
        and sales.stated_store = repeats.stated_store
        and sales.sale_date = repeats.sale_date
        and sales.last_loaded_at >= repeats.first_loaded_at
        and sales.last_loaded_at < repeats.last_loaded_at
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
        identified.statement_line_id,
        identified.source_file_hash,
        identified.source_row_number,

        identified.statement_format,
        identified.source_file_name,
        identified.platform,
        identified.platform_store_id,
        identified.partner_store_code,
        identified.store_name,
        identified.transaction_id,
        identified.order_reference,
        identified.payout_reference,
        identified.platform_order_id,
        identified.platform_order_uuid,
        identified.pos_order_id,
        identified.source_line_type,
        identified.line_type,
        identified.channel,
        identified.fulfilment,
        identified.description,
        identified.currency_code,
        identified.payout_id,
        ranked.line_payout_id,
        identified.payout_destination,

        identified.net_cents,
        identified.components_cents,
        identified.stated_commission_rate_bps,

        ranked.standing_rank = 1 and withdrawn.statement_line_id is null as is_standing,
        withdrawn.statement_line_id is not null as is_withdrawn,
        identified.net_cents is not null and identified.net_cents <> ranked.standing_amount_cents as is_other_amount,

        identified.stated_order_date,
        identified.event_date,
        identified.payout_date,
        ranked.line_payout_date,
        identified.loaded_at
    from identified
    inner join ranked
        on identified.source_file_hash = ranked.source_file_hash
        and identified.source_row_number = ranked.source_row_number
    left join withdrawn on identified.statement_line_id = withdrawn.statement_line_id
)

select * from final

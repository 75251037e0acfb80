-- one line has several states: downloaded before it was paid, after, in another report
with

statement_rows as (
    select * from {{ ref('int_statement_rows') }}
    where row_outcome = 'line'
),

-- rows that name neither a transaction nor an order are told apart by what they say and how often they say it
numbered as (
    select
        statement_rows.*,
        row_number() over (
            partition by
                source_file_hash,
                coalesce(partner_store_code, platform_store_id, store_name),
                date_text,
                description,
                coalesce(net_cents, components_cents)
            order by source_row_number
        ) as occurrence
    from statement_rows
),

identified as (
    select
        numbered.*,
        case
            when line_identity = 'order_and_status' and platform_order_uuid is not null
                then {{ hashed_key(["platform", "'order'", "platform_order_uuid", "source_line_type"]) }}
            when line_identity = 'order_and_status'
                then {{ hashed_key([
                    "platform", "'account'", "coalesce(partner_store_code, platform_store_id, store_name)", "date_text", "description",
                    "cast(coalesce(net_cents, components_cents) as " ~ dbt.type_string() ~ ")", "cast(occurrence as " ~ dbt.type_string() ~ ")",
                ]) }}
            else {{ hashed_key(["platform", "'transaction'", "transaction_id"]) }}
        end as statement_line_id
    from numbered
),

-- a report with a net before one without, paid before pending, the report believed first, then the latest download
ranked as (
    select
        identified.*,
        row_number() over (
            partition by statement_line_id
            order by
                case when net_cents is not null then 0 else 1 end,
                case when payout_id is not null or payout_date is not null then 0 else 1 end,
                overlap_rank,
                loaded_at desc,
                {{ binary_order('source_file_hash') }},
                source_row_number
        ) as standing_rank
    from identified
),

final as (
    select
        statement_line_id,
        source_file_hash,
        source_row_number,

        statement_format,
        source_file_name,
        platform,
        platform_store_id,
        partner_store_code,
        store_name,
        transaction_id,
        order_reference,
        payout_reference,
        platform_order_id,
        platform_order_uuid,
        pos_order_id,
        source_line_type,
        line_type,
        channel,
        fulfilment,
        description,
        currency_code,
        payout_id,
        payout_destination,

        net_cents,
        components_cents,

        standing_rank = 1 as is_standing,

        stated_order_date,
        event_date,
        payout_date,
        loaded_at
    from ranked
)

select * from final

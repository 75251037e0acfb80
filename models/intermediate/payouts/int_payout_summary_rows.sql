-- a payout summary can be downloaded more than once: of one payout, store and channel the latest row counts
with

statement_rows as (
    select * from {{ ref('int_statement_rows') }}
    where row_outcome = 'payout'
),

ranked as (
    select
        statement_rows.*,
        row_number() over (
            partition by platform, payout_id, coalesce(platform_store_id, partner_store_code, store_name), channel
            order by loaded_at desc, {{ binary_order('source_file_hash') }}, source_row_number
        ) as recency
    from statement_rows
),

final as (
    select
        source_file_hash,
        source_row_number,
        payout_id,

        platform,
        source_file_name,
        platform_store_id,
        currency_code,

        net_cents,

        payout_date,
        loaded_at
    from ranked
    where recency = 1
)

select * from final

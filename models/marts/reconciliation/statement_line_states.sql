with

line_states as (
    select * from {{ ref('int_statement_line_states') }}
),

final as (
    select
        statement_line_id,
        source_file_hash,
        source_row_number,

        platform as statement_platform,
        statement_format,
        source_file_name,
        source_line_type,
        line_type,
        channel,
        store_name,
        transaction_id as platform_transaction_id,
        payout_id as platform_payout_id,

        net_cents,
        components_cents,

        is_standing,
        is_withdrawn,
        is_other_amount,

        payout_date,
        loaded_at
    from line_states
)

select * from final

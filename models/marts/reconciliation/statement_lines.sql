with

statement_lines as (
    select * from {{ ref('int_statement_lines') }}
),

final as (
    select
        statement_line_id,
        store_id,
        merchant_id,
        order_id,
        statement_order_id,
        payout_id,
        platform,
        statement_platform,
        statement_format,
        source_line_type,
        line_type,
        channel,
        fulfilment,
        platform_order_id,
        platform_transaction_id,
        description,
        currency_code,
        match_method,
        match_candidate_count,
        settlement_state,
        source_file_name,
        source_file_hash,
        source_row_number,
        state_count,
        net_cents,
        stated_cents,
        deposited_cents,
        is_store_known,
        is_restated,
        order_date,
        event_date,
        payout_date,
        pay_period_start_date,
        pay_period_end_date,
        due_date,
        posting_date,
        first_loaded_at,
        last_loaded_at
    from statement_lines
)

select * from final

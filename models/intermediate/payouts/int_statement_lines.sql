with

line_states as (
    select * from {{ ref('int_statement_line_states') }}
),

matches as (
    select * from {{ ref('int_order_line_matches') }}
),

payout_lines as (
    select * from {{ ref('int_payout_lines') }}
),

settlements as (
    select * from {{ ref('int_line_settlements') }}
),

history as (
    select
        statement_line_id,
        count(*) as state_count,
        min(loaded_at) as first_loaded_at,
        max(loaded_at) as last_loaded_at,
        max(case when is_other_amount then 1 else 0 end) = 1 as is_restated
    from line_states
    group by statement_line_id
),

standing as (
    select * from line_states
    where is_standing
),

final as (
    select
        standing.statement_line_id,
        payout_lines.store_id,
        payout_lines.merchant_id,
        matches.order_id,
        matches.statement_order_id,
        payout_lines.payout_id,

        payout_lines.platform,
        standing.platform as statement_platform,
        standing.statement_format,
        standing.source_line_type,
        standing.line_type,
        standing.channel,
        standing.fulfilment,
        matches.order_name as platform_order_id,
        standing.transaction_id as platform_transaction_id,
        standing.description,
        payout_lines.currency_code,
        matches.match_method,
        matches.candidate_count as match_candidate_count,
        settlements.settlement_state,
        standing.source_file_name,
        standing.source_file_hash,
        standing.source_row_number,
        history.state_count,

        coalesce(standing.net_cents, standing.components_cents) as net_cents,
        payout_lines.stated_cents,
        settlements.deposited_cents,

        payout_lines.store_id is not null as is_store_known,
        history.is_restated,

        standing.stated_order_date as order_date,
        standing.event_date,
        settlements.payout_date,
        settlements.pay_period_start_date,
        settlements.pay_period_end_date,
        settlements.due_date,
        -- that a pending line is paid later does not move it
        coalesce(standing.event_date, least(settlements.payout_date, payout_lines.first_loaded_date)) as posting_date,
        history.first_loaded_at,
        history.last_loaded_at
    from standing
    inner join history on standing.statement_line_id = history.statement_line_id
    inner join payout_lines on standing.statement_line_id = payout_lines.statement_line_id
    inner join settlements on standing.statement_line_id = settlements.statement_line_id
    left join matches on standing.statement_line_id = matches.statement_line_id
)

select * from final

with

line_states as (
    select * from {{ ref('int_statement_line_states') }}
),

statement_stores as (
    select * from {{ ref('int_statement_stores') }}
),

matches as (
    select * from {{ ref('int_order_line_matches') }}
),

orders as (
    select * from {{ ref('int_expected_amounts') }}
),

charges as (
    select * from {{ ref('int_statement_charges') }}
),

settlements as (
    select * from {{ ref('int_line_settlements') }}
),

history as (
    select
        statement_line_id,
        count(*) as state_count,
        min(loaded_at) as first_loaded_at,
        max(loaded_at) as last_loaded_at
    from line_states
    group by statement_line_id
),

standing as (
    select * from line_states
    where is_standing
),

charge_totals as (
    select
        statement_line_id,
        {{ sum_cents('stated_cents') }} as stated_cents
    from charges
    group by statement_line_id
),

final as (
    select
        standing.statement_line_id,
        coalesce(statement_stores.store_id, orders.store_id) as store_id,
        coalesce(statement_stores.merchant_id, orders.merchant_id) as merchant_id,
        matches.order_id,
        matches.statement_order_id,
        standing.payout_id,

        coalesce(orders.platform, standing.platform) as platform,
        standing.platform as statement_platform,
        standing.statement_format,
        standing.source_line_type,
        standing.line_type,
        standing.channel,
        standing.fulfilment,
        matches.order_name as platform_order_id,
        standing.transaction_id as platform_transaction_id,
        standing.description,
        coalesce(upper(standing.currency_code), statement_stores.currency_code, orders.currency_code) as currency_code,
        matches.match_method,
        matches.candidate_count as match_candidate_count,
        settlements.settlement_state,
        standing.source_file_name,
        standing.source_file_hash,
        standing.source_row_number,
        history.state_count,

        coalesce(standing.net_cents, standing.components_cents) as net_cents,
        coalesce(charge_totals.stated_cents, 0) as stated_cents,

        coalesce(statement_stores.store_id, orders.store_id) is not null as is_store_known,

        standing.stated_order_date as order_date,
        standing.event_date,
        settlements.payout_date,
        settlements.pay_period_start_date,
        settlements.pay_period_end_date,
        settlements.due_date,
        coalesce(standing.event_date, settlements.payout_date, cast(history.first_loaded_at as date)) as posting_date,
        history.first_loaded_at,
        history.last_loaded_at
    from standing
    inner join history on standing.statement_line_id = history.statement_line_id
    left join statement_stores on standing.statement_line_id = statement_stores.statement_line_id
    left join settlements on standing.statement_line_id = settlements.statement_line_id
    left join matches on standing.statement_line_id = matches.statement_line_id
    left join orders on matches.order_id = orders.order_id
    left join charge_totals on standing.statement_line_id = charge_totals.statement_line_id
)

select * from final

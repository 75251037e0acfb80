{{ config(materialized='view') }}
{%- set text = dbt.type_string() %}

with

order_reconciliation as (
    select * from {{ ref('order_reconciliation') }}
    where order_id is not null and expected_cents <> 0
),

order_books as (
    select * from {{ ref('int_order_books') }}
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
),

line_books as (
    select * from {{ ref('int_line_books') }}
),

booked_claims as (
    select * from {{ ref('booked_claims') }}
),

payouts as (
    select * from {{ ref('payouts') }}
),

deposits as (
    select * from {{ ref('deposits') }}
),

payout_deposits as (
    select * from {{ ref('int_payout_deposits') }}
),

write_offs as (
    select * from {{ ref('int_write_offs') }}
),

fulfilment_costs as (
    select * from {{ ref('fulfilment_costs') }}
    where accrued_cents <> 0
),

-- a line is with its order, where it names one
lines as (
    select
        statement_lines.statement_line_id,
        statement_lines.order_id,
        case when statement_lines.order_id is not null then 'order' else 'statement_line' end as subject_type,
        coalesce(statement_lines.order_id, statement_lines.statement_line_id) as subject_id,
        statement_lines.store_id,
        line_books.merchant_id,
        statement_lines.platform,
        line_books.legal_entity,
        statement_lines.currency_code,
        statement_lines.payout_id,
        statement_lines.stated_cents,
        statement_lines.posting_date
    from statement_lines
    inner join line_books on statement_lines.statement_line_id = line_books.statement_line_id
    where statement_lines.stated_cents <> 0
),

figures as (
    select
        'order' as subject_type,
        order_reconciliation.order_id as subject_id,
        'expected' as figure,
        order_reconciliation.order_id,
        order_reconciliation.store_id,
        order_books.merchant_id,
        order_reconciliation.platform,
        order_books.legal_entity,
        order_reconciliation.currency_code,
        order_reconciliation.expected_cents as figure_cents,
        order_reconciliation.order_date as figure_date
    from order_reconciliation
    left join order_books on order_reconciliation.order_id = order_books.order_id
    union all
    select
        case when order_id is not null then 'order' else 'statement_line' end as subject_type,
        coalesce(order_id, statement_line_id) as subject_id,
        'claimed' as figure,
        order_id,
        store_id,
        merchant_id,
        platform,
        legal_entity,
        currency_code,
        claimed_cents as figure_cents,
        posting_date as figure_date
    from booked_claims
    union all
    select
        subject_type,
        subject_id,
        'stated' as figure,
        order_id,
        store_id,
        merchant_id,
        platform,
        legal_entity,
        currency_code,
        stated_cents as figure_cents,
        posting_date as figure_date
    from lines
    union all
    select
        lines.subject_type,
        lines.subject_id,
        'settled' as figure,
        lines.order_id,
        lines.store_id,
        lines.merchant_id,
        lines.platform,
        lines.legal_entity,
        lines.currency_code,
        lines.stated_cents as figure_cents,
        payouts.payout_date as figure_date
    from lines
    inner join payouts on lines.payout_id = payouts.payout_id
    union all
    select
        'payout' as subject_type,
        payout_id as subject_id,
        'due' as figure,
        cast(null as {{ text }}) as order_id,
        store_id,
        merchant_id,
        platform,
        legal_entity,
        currency_code,
        due_cents as figure_cents,
        payout_date as figure_date
    from payouts
    union all
    select
        'payout' as subject_type,
        payouts.payout_id as subject_id,
        'deposited' as figure,
        cast(null as {{ text }}) as order_id,
        payouts.store_id,
        payouts.merchant_id,
        payouts.platform,
        payouts.legal_entity,
        payouts.currency_code,
        payout_deposits.allocated_cents as figure_cents,
        deposits.posted_date as figure_date
    from payout_deposits
    inner join payouts on payout_deposits.payout_id = payouts.payout_id
    inner join deposits on payout_deposits.deposit_id = deposits.deposit_id
    union all
    -- what a deposit brings beyond the payouts that it pays: with their merchant, in the books of its account
    select
        'deposit' as subject_type,
        deposits.deposit_id as subject_id,
        'deposited' as figure,
        cast(null as {{ text }}) as order_id,
        payouts.store_id,
        payouts.merchant_id,
        deposits.platform,
        deposits.legal_entity,
        deposits.currency_code,
        payout_deposits.misdirected_cents + payout_deposits.excess_cents as figure_cents,
        deposits.posted_date as figure_date
    from payout_deposits
    inner join payouts on payout_deposits.payout_id = payouts.payout_id
    inner join deposits on payout_deposits.deposit_id = deposits.deposit_id
    union all
    select
        'deposit' as subject_type,
        deposit_id as subject_id,
        'deposited' as figure,
        cast(null as {{ text }}) as order_id,
        cast(null as {{ text }}) as store_id,
        cast(null as {{ text }}) as merchant_id,
        platform,
        legal_entity,
        currency_code,
        deposited_cents as figure_cents,
        posted_date as figure_date
    from deposits
    where payout_count = 0
    union all
    select
        'exception' as subject_type,
        exception_id as subject_id,
        'written_off' as figure,
        order_id,
        store_id,
        merchant_id,
        platform,
        legal_entity,
        currency_code,
        -posted_cents as figure_cents,
        entry_date as figure_date
    from write_offs
    union all
    select
        'attempt' as subject_type,
        attempt_id as subject_id,
        'courier_cost' as figure,
        order_id,
        store_id,
        merchant_id,
        platform,
        legal_entity,
        currency_code,
        accrued_cents as figure_cents,
        cost_date as figure_date
    from fulfilment_costs
),

final as (
    select
        {{ hashed_key([
            'subject_type', 'subject_id', 'figure', 'legal_entity', 'merchant_id', 'currency_code',
            'cast(' ~ first_of_month('figure_date') ~ ' as ' ~ text ~ ')',
        ]) }} as period_figure_id,
        subject_id,
        max(order_id) as order_id,
        max(store_id) as store_id,
        merchant_id,

        subject_type,
        figure,
        max(platform) as platform,
        legal_entity,
        currency_code,

        {{ sum_cents('figure_cents') }} as figure_cents,

        {{ first_of_month('figure_date') }} as period_month_date
    from figures
    group by subject_type, subject_id, figure, legal_entity, merchant_id, currency_code, {{ first_of_month('figure_date') }}
    having sum(figure_cents) <> 0
)

select * from final

{%- set text = dbt.type_string() -%}
with

payouts as (
    select * from {{ ref('int_payout_settlements') }}
),

legal_entities as (
    select * from {{ ref('legal_entities') }}
    where recorded_on <= cast({{ as_of_timestamp() }} as date)
),

deposits as (
    select * from {{ ref('deposits') }}
),

payout_deposits as (
    select * from {{ ref('int_payout_deposits') }}
),

write_offs as (
    select * from {{ ref('int_write_offs') }}
    where is_in_coco_books and posting_role = 'transit'
),

own_deposits as (
    select deposits.*
    from deposits
    inner join legal_entities on deposits.legal_entity = legal_entities.legal_entity
),

allocations as (
    select
        payout_deposits.deposit_id,
        payouts.legal_entity,
        payouts.merchant_id,
        payouts.platform,
        payouts.currency_code,
        payout_deposits.allocated_cents
    from payout_deposits
    inner join payouts on payout_deposits.payout_id = payouts.payout_id
    where payouts.is_in_coco_books
),

movements as (
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        payout_date as movement_date,
        'due' as movement_type,
        due_cents as movement_cents
    from payouts
    where is_in_coco_books
    union all
    select
        allocations.legal_entity,
        allocations.merchant_id,
        allocations.platform,
        allocations.currency_code,
        deposits.posted_date as movement_date,
        'deposited' as movement_type,
        allocations.allocated_cents as movement_cents
    from allocations
    inner join deposits on allocations.deposit_id = deposits.deposit_id
    union all
    -- what a deposit brings beyond what it pays is with its payout's merchant where it names one
    select
        own_deposits.legal_entity,
        payouts.merchant_id,
        coalesce(payouts.platform, own_deposits.platform) as platform,
        own_deposits.currency_code,
        own_deposits.posted_date as movement_date,
        'deposited' as movement_type,
        coalesce(payout_deposits.misdirected_cents + payout_deposits.excess_cents, own_deposits.deposited_cents) as movement_cents
    from own_deposits
    left join payout_deposits on own_deposits.deposit_id = payout_deposits.deposit_id
    left join payouts on payout_deposits.payout_id = payouts.payout_id
    union all
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        entry_date as movement_date,
        'written_off' as movement_type,
        -posted_cents as movement_cents
    from write_offs
),

balances as (
    {{ monthly_balances('movements', 'transit', increases=['due'], decreases=['deposited', 'written_off']) }}
),

final as (
    select
        {{ hashed_key([
            'legal_entity', 'merchant_id', 'platform', 'currency_code', 'cast(period_month_date as ' ~ text ~ ')',
        ]) }} as transit_rollforward_id,
        merchant_id,

        legal_entity,
        platform,
        currency_code,

        opening_cents,
        due_cents,
        deposited_cents,
        written_off_cents,
        closing_cents,

        is_closed_period,

        period_month_date
    from balances
)

select * from final

{%- set text = dbt.type_string() -%}
with

expected_charges as (
    select * from {{ ref('expected_charges') }}
    where expected_cents <> 0
),

order_books as (
    select * from {{ ref('int_order_books') }}
    where is_in_coco_books
),

booked_claims as (
    select * from {{ ref('booked_claims') }}
    where is_in_coco_books
),

settled_lines as (
    select * from {{ ref('int_line_books') }}
    where is_in_coco_books and payout_id is not null
),

payouts as (
    select * from {{ ref('int_payout_settlements') }}
),

write_offs as (
    select * from {{ ref('int_write_offs') }}
    where is_in_coco_books and posting_role = 'clearing'
),

movements as (
    select
        order_books.legal_entity,
        order_books.merchant_id,
        order_books.platform,
        order_books.currency_code,
        order_books.order_date as movement_date,
        'expected' as movement_type,
        expected_charges.expected_cents as movement_cents
    from expected_charges
    inner join order_books on expected_charges.order_id = order_books.order_id
    union all
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        posting_date as movement_date,
        'claims_booked' as movement_type,
        claimed_cents as movement_cents
    from booked_claims
    union all
    select
        settled_lines.legal_entity,
        settled_lines.merchant_id,
        settled_lines.platform,
        settled_lines.currency_code,
        payouts.payout_date as movement_date,
        'payouts' as movement_type,
        settled_lines.stated_cents as movement_cents
    from settled_lines
    inner join payouts on settled_lines.payout_id = payouts.payout_id
    union all
    -- less than its lines where a balance is carried forward
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        payout_date as movement_date,
        'payouts' as movement_type,
        -carry_out_cents as movement_cents
    from payouts
    where is_in_coco_books and carry_out_cents <> 0
    union all
    -- which the next payout takes up, in the books where it was left
    select
        previous_payouts.legal_entity,
        previous_payouts.merchant_id,
        previous_payouts.platform,
        previous_payouts.currency_code,
        payouts.payout_date as movement_date,
        'payouts' as movement_type,
        payouts.carry_in_cents as movement_cents
    from payouts
    inner join payouts as previous_payouts on payouts.previous_payout_id = previous_payouts.payout_id
    where previous_payouts.is_in_coco_books and payouts.carry_in_cents <> 0
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
    {{ monthly_balances('movements', 'clearing', increases=['expected', 'claims_booked'], decreases=['payouts', 'written_off']) }}
),

final as (
    select
        {{ hashed_key([
            'legal_entity', 'merchant_id', 'platform', 'currency_code', 'cast(period_month_date as ' ~ text ~ ')',
        ]) }} as clearing_rollforward_id,
        merchant_id,

        legal_entity,
        platform,
        currency_code,

        opening_cents,
        expected_cents,
        claims_booked_cents,
        payouts_cents,
        written_off_cents,
        closing_cents,

        is_closed_period,

        period_month_date
    from balances
)

select * from final

-- Law 5, identity R1. What the clearing roll-forward closes on is what is open, counted from the other end: what is expected of orders that
-- no statement holds, what is stated and in no payout, and what the last payouts carried forward, less what was written off.
with

line_books as (
    select * from {{ ref('int_line_books') }}
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
),

order_reversals as (
    select * from {{ ref('int_order_reversals') }}
),

order_books as (
    select * from {{ ref('int_order_books') }}
),

unstated_orders as (
    select * from {{ ref('int_unstated_orders') }}
),

payouts as (
    select * from {{ ref('payouts') }}
),

carriers as (
    select
        payout_id,
        carry_key
    from {{ ref('int_payout_amounts') }}
),

unstated as (
    select
        order_books.legal_entity,
        order_books.merchant_id,
        order_books.platform,
        order_books.currency_code,
        unstated_orders.expected_cents as open_cents
    from unstated_orders
    inner join order_books on unstated_orders.order_id = order_books.order_id
    left join order_reversals on unstated_orders.order_id = order_reversals.order_id
    where order_books.is_in_coco_books and order_reversals.order_id is null
),

unsettled as (
    select
        line_books.legal_entity,
        line_books.merchant_id,
        line_books.platform,
        line_books.currency_code,
        statement_lines.stated_cents as open_cents
    from statement_lines
    inner join line_books on statement_lines.statement_line_id = line_books.statement_line_id
    where line_books.is_in_coco_books and statement_lines.payout_id is null
),

written_off as (
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        posted_cents as open_cents
    from {{ ref('int_write_offs') }}
    where is_in_coco_books and posting_role = 'clearing'
),

-- a balance is in the books of the payout that carries it on, until another takes it up
last_payouts as (
    select
        payouts.*,
        row_number() over (
            partition by payouts.platform, carriers.carry_key, payouts.currency_code
            order by
                case when payouts.payout_date is null then 0 else 1 end,
                payouts.payout_date desc,
                {{ binary_order('payouts.payout_id') }} desc
        ) as recency
    from payouts
    inner join carriers on payouts.payout_id = carriers.payout_id
),

carried as (
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        carry_out_cents as open_cents
    from last_payouts
    where recency = 1 and merchant_of_record = 'coco'
),

open_items as (
    select * from unstated
    union all
    select * from unsettled
    union all
    select * from written_off
    union all
    select * from carried
),

final as (
    {{ closings_not_open(ref('clearing_rollforward'), 'open_items') }}
)

select * from final

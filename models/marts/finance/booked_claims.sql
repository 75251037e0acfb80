-- the claims that a statement line carries, each with the day on which it is booked and the books that it is booked in
with

claims as (
    select * from {{ ref('reconciliation_claims') }}
    where claim_level in ('line', 'store', 'component')
),

line_books as (
    select * from {{ ref('int_line_books') }}
),

order_books as (
    select * from {{ ref('int_order_books') }}
),

-- of a sale stated under another store, one side is with the line, the other with the order
placed as (
    select
        claims.*,
        claims.claim_level = 'component' or (claims.claim_level = 'store' and claims.store_id = order_books.store_id) as is_with_order
    from claims
    left join order_books on claims.order_id = order_books.order_id
),

final as (
    select
        placed.claim_id,
        placed.order_id,
        placed.statement_line_id,
        placed.store_id,
        case when placed.is_with_order then order_books.merchant_id else line_books.merchant_id end as merchant_id,

        placed.platform,
        placed.currency_code,
        placed.claim_level,
        placed.charge_type,
        placed.break_class,
        case when placed.is_with_order then order_books.legal_entity else line_books.legal_entity end as legal_entity,

        placed.claimed_cents,

        coalesce(
            case when placed.is_with_order then order_books.is_in_coco_books else line_books.is_in_coco_books end,
            false
        ) as is_in_coco_books,

        placed.claim_date as posting_date
    from placed
    left join order_books on placed.order_id = order_books.order_id
    left join line_books on placed.statement_line_id = line_books.statement_line_id
)

select * from final

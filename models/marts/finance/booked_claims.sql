-- the claims that a statement line carries or causes, each with the day on which it is booked and the books that it is booked in
with

order_reversals as (
    select * from {{ ref('int_order_reversals') }}
),

reconciliation_claims as (
    select * from {{ ref('reconciliation_claims') }}
),

line_books as (
    select * from {{ ref('int_line_books') }}
),

order_books as (
    select * from {{ ref('int_order_books') }}
),

-- what a line states of an order that it cannot be set beside is booked by the line: what was earned by the order is taken back
claims as (
    select
        reconciliation_claims.*,
        case
            when reconciliation_claims.claim_level = 'order' then order_reversals.posting_date
            else reconciliation_claims.claim_date
        end as posting_date
    from reconciliation_claims
    left join order_reversals on reconciliation_claims.order_id = order_reversals.order_id
    where reconciliation_claims.claim_level in ('line', 'store', 'component') or order_reversals.order_id is not null
),

-- of a sale stated under another store, one side is with the line, the other with the order
placed as (
    select
        claims.*,
        claims.claim_level in ('component', 'order')
        or (claims.claim_level = 'store' and claims.store_id = order_books.store_id) as is_with_order
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

        placed.posting_date
    from placed
    left join order_books on placed.order_id = order_books.order_id
    left join line_books on placed.statement_line_id = line_books.statement_line_id
)

select * from final

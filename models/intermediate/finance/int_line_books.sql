-- whose books each statement line is in: a sale in those of its order, anything else in those of the payee of its store on the posting date
with

statement_lines as (
    select * from {{ ref('int_statement_lines') }}
),

line_classes as (
    select * from {{ ref('int_line_classes') }}
),

match_candidates as (
    select * from {{ ref('int_order_match_candidates') }}
),

order_books as (
    select * from {{ ref('int_order_books') }}
),

store_payees as (
    select * from {{ ref('int_store_payees') }}
),

sale_lines as (
    select distinct statement_line_id
    from line_classes
    where is_sale
),

-- a card receipt names no store: where all orders that it fits are of one, it is of that
shared_by_candidates as (
    select
        match_candidates.statement_order_id,
        case
            when count(order_books.store_id) = count(*) and min(order_books.store_id) = max(order_books.store_id)
                then max(order_books.store_id)
        end as store_id,
        case
            when count(order_books.merchant_id) = count(*) and min(order_books.merchant_id) = max(order_books.merchant_id)
                then max(order_books.merchant_id)
        end as merchant_id
    from match_candidates
    left join order_books on match_candidates.order_id = order_books.order_id
    group by match_candidates.statement_order_id
),

placed as (
    select
        statement_lines.*,
        coalesce(statement_lines.store_id, shared_by_candidates.store_id) as payee_store_id,
        coalesce(statement_lines.merchant_id, shared_by_candidates.merchant_id) as payee_merchant_id
    from statement_lines
    left join shared_by_candidates
        on statement_lines.statement_order_id = shared_by_candidates.statement_order_id
        and statement_lines.match_method = 'ambiguous'
        and statement_lines.store_id is null
),

-- what settles an order is in the books in which the order was earned, though the store has another merchant or payee by then
final as (
    select
        placed.statement_line_id,
        placed.store_id,
        case when order_books.order_id is not null then order_books.merchant_id else placed.payee_merchant_id end as merchant_id,
        placed.order_id,
        placed.payout_id,

        placed.platform,
        placed.statement_platform,
        placed.currency_code,
        case when order_books.order_id is not null then order_books.legal_entity else store_payees.legal_entity end as legal_entity,

        placed.stated_cents,

        sale_lines.statement_line_id is not null as is_sale,
        case
            when order_books.order_id is not null then order_books.is_in_coco_books
            else coalesce(store_payees.is_in_coco_books, false)
        end as is_in_coco_books,

        placed.posting_date
    from placed
    left join sale_lines on placed.statement_line_id = sale_lines.statement_line_id
    left join order_books
        on placed.order_id = order_books.order_id
        and (placed.store_id = order_books.store_id or order_books.is_store_of_lines)
        and sale_lines.statement_line_id is not null
    left join store_payees
        on placed.payee_store_id = store_payees.store_id
        and placed.posting_date between store_payees.valid_from and store_payees.valid_to
)

select * from final

-- whose books each statement line is in: a sale in those of its order, anything else in those of the payee of its store on the posting date
with

statement_lines as (
    select * from {{ ref('int_statement_lines') }}
),

line_classes as (
    select * from {{ ref('int_line_classes') }}
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

-- what settles an order is in the books in which the order was earned, though the store has another merchant or payee by then
final as (
    select
        statement_lines.statement_line_id,
        statement_lines.store_id,
        case when order_books.order_id is not null then order_books.merchant_id else statement_lines.merchant_id end as merchant_id,
        statement_lines.order_id,
        statement_lines.payout_id,

        statement_lines.platform,
        statement_lines.statement_platform,
        statement_lines.currency_code,
        case when order_books.order_id is not null then order_books.legal_entity else store_payees.legal_entity end as legal_entity,

        statement_lines.stated_cents,

        sale_lines.statement_line_id is not null as is_sale,
        case
            when order_books.order_id is not null then order_books.is_in_coco_books
            else coalesce(store_payees.is_in_coco_books, false)
        end as is_in_coco_books,

        statement_lines.posting_date
    from statement_lines
    left join sale_lines on statement_lines.statement_line_id = sale_lines.statement_line_id
    left join order_books
        on statement_lines.order_id = order_books.order_id
        and statement_lines.store_id = order_books.store_id
        and sale_lines.statement_line_id is not null
    left join store_payees
        on statement_lines.store_id = store_payees.store_id
        and statement_lines.posting_date between store_payees.valid_from and store_payees.valid_to
)

select * from final

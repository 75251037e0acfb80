-- whose books each order is in: those of the payee of its store on its day; a statement can be there before its order is final
with

orders as (
    select * from {{ ref('int_expected_amounts') }}
),

line_classes as (
    select * from {{ ref('int_line_classes') }}
    where is_sale
),

statement_lines as (
    select * from {{ ref('int_statement_lines') }}
    where store_id is not null
),

store_payees as (
    select * from {{ ref('int_store_payees') }}
),

-- the code of a store may be in no map while its statements name it by an id that is
lines_of_unplaced_orders as (
    select
        line_classes.order_id,
        statement_lines.store_id,
        statement_lines.merchant_id,
        row_number() over (
            partition by line_classes.order_id order by statement_lines.posting_date nulls last, statement_lines.statement_line_id
        ) as place
    from orders
    inner join line_classes on orders.order_id = line_classes.order_id
    inner join statement_lines on line_classes.statement_line_id = statement_lines.statement_line_id
    where orders.store_id is null
),

sold_at as (
    select * from lines_of_unplaced_orders
    where place = 1
),

placed as (
    select
        orders.order_id,
        orders.platform,
        orders.currency_code,
        orders.order_date,
        coalesce(orders.store_id, sold_at.store_id) as store_id,
        case when orders.store_id is not null then orders.merchant_id else sold_at.merchant_id end as merchant_id,
        sold_at.store_id is not null as is_store_of_lines
    from orders
    left join sold_at on orders.order_id = sold_at.order_id
),

final as (
    select
        placed.order_id,
        placed.store_id,
        placed.merchant_id,

        placed.platform,
        placed.currency_code,
        store_payees.legal_entity,

        placed.is_store_of_lines,
        coalesce(store_payees.is_in_coco_books, false) as is_in_coco_books,

        placed.order_date
    from placed
    left join store_payees
        on placed.store_id = store_payees.store_id
        and placed.order_date between store_payees.valid_from and store_payees.valid_to
)

select * from final

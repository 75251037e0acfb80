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
sold_at as (
    select distinct
        line_classes.order_id,
        first_value(statement_lines.store_id) over (
            partition by line_classes.order_id order by statement_lines.posting_date nulls last, statement_lines.statement_line_id
        ) as store_id,
        first_value(statement_lines.merchant_id) over (
            partition by line_classes.order_id order by statement_lines.posting_date nulls last, statement_lines.statement_line_id
        ) as merchant_id
    from line_classes
    inner join statement_lines on line_classes.statement_line_id = statement_lines.statement_line_id
),

placed as (
    select
        orders.order_id,
        orders.platform,
        orders.currency_code,
        orders.order_date,
        coalesce(orders.store_id, sold_at.store_id) as store_id,
        case when orders.store_id is not null then orders.merchant_id else sold_at.merchant_id end as merchant_id,
        orders.store_id is null and sold_at.store_id is not null as is_store_of_lines
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

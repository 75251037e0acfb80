-- whose books each order is in: those of the payee of its store on its day; a statement can be there before its order is final
with

orders as (
    select * from {{ ref('int_expected_amounts') }}
),

store_payees as (
    select * from {{ ref('int_store_payees') }}
),

final as (
    select
        orders.order_id,
        orders.store_id,
        orders.merchant_id,

        orders.platform,
        orders.currency_code,
        store_payees.legal_entity,

        coalesce(store_payees.is_in_coco_books, false) as is_in_coco_books,

        orders.order_date
    from orders
    left join store_payees
        on orders.store_id = store_payees.store_id
        and orders.order_date between store_payees.valid_from and store_payees.valid_to
)

select * from final

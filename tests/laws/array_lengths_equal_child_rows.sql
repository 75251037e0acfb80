-- Law 2. An array in a standing document has as many elements as its mart has rows.
with

documents as (
    select
        orders.order_id,
        {{ json_array_length_at('documents.document', ['details', 'items']) }} as items_in_document
    from {{ ref('orders') }} as orders
    inner join {{ ref('stg_order_api__order_documents') }} as documents on orders.document_id = documents.document_id
),

items as (
    select
        order_id,
        count(*) as items_in_mart
    from {{ ref('order_items') }}
    group by order_id
),

final as (
    select
        documents.order_id,
        documents.items_in_document,
        items.items_in_mart
    from documents
    full outer join items on documents.order_id = items.order_id
    where coalesce(documents.items_in_document, -1) <> coalesce(items.items_in_mart, 0)
)

select * from final

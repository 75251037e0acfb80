with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing'
),

promotion_items as (
    select * from {{ ref('int_order_promotion_items') }}
),

final as (
    select
        versions.order_id,
        promotion_items.promotion_position,
        promotion_items.discount_item_position,

        promotion_items.external_item_id,
        promotion_items.discounted_quantity
    from versions
    inner join promotion_items on versions.document_id = promotion_items.document_id
)

select * from final

{{ config(pre_hook='{{ delete_restated_orders() }}', indexes=lookup_indexes(['order_id', 'loaded_at'])) }}

{%- set newly_loaded = is_newly_loaded() %}

-- what a document holds was loaded at the moment that its version was
with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing' and {{ newly_loaded }}
),

promotion_items as (
    select * from {{ ref('int_order_promotion_items') }}
    where {{ newly_loaded }}
),

final as (
    select
        versions.order_id,
        promotion_items.promotion_position,
        promotion_items.discount_item_position,

        promotion_items.external_item_id,
        promotion_items.discounted_quantity,

        versions.loaded_at
    from versions
    inner join promotion_items on versions.document_id = promotion_items.document_id
)

select * from final

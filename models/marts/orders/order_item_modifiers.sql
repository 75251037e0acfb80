{{ config(pre_hook='{{ delete_restated_orders() }}', indexes=lookup_indexes(['order_id', 'loaded_at'])) }}

{%- set newly_loaded = is_newly_loaded() %}

-- what a document holds was loaded at the moment that its version was
with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing' and {{ newly_loaded }}
),

modifiers as (
    select * from {{ ref('int_order_modifiers') }}
    where {{ newly_loaded }}
),

final as (
    select
        versions.order_id,
        modifiers.item_position,
        modifiers.modifier_path,
        modifiers.parent_path,

        modifiers.modifier_depth,
        modifiers.modifier_position,
        modifiers.modifier_id,
        modifiers.sku,
        modifiers.modifier_name,
        modifiers.modifier_group_id,
        modifiers.modifier_group_name,
        modifiers.quantity,

        modifiers.price_total_cents,
        modifiers.price_unit_cents,
        modifiers.price_base_cents,
        modifiers.price_menu_cents,

        versions.loaded_at
    from versions
    inner join modifiers on versions.document_id = modifiers.document_id
)

select * from final

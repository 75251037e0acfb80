with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing'
),

modifiers as (
    select * from {{ ref('int_order_modifiers') }}
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
        modifiers.price_menu_cents
    from versions
    inner join modifiers on versions.document_id = modifiers.document_id
)

select * from final

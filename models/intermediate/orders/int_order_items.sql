{{ config(schema='restricted', indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

with

documents as (
    select
        document_id,
        loaded_at,
        details_items
    from {{ ref('int_order_documents') }}
    where {{ is_newly_loaded() }}
),

parsed as (
    {{ parse_array_leaves(
        'documents',
        ['document_id', 'loaded_at'],
        'details_items',
        order_item_leaves(),
        path_prefix="'details.items[' || (position - 1) || '].'",
        with_personal=true
    ) }}
),

final as (
    select
        document_id,
        position as item_position,

        id as item_id,
        sku,
        name as item_name,
        quantity,
        note,
        modifiers,

        price_total as price_total_cents,
        price_unit as price_unit_cents,
        price_base as price_base_cents,
        price_menu as price_menu_cents,

        rejecting_findings,
        other_findings,
        unknown_members,

        loaded_at
    from parsed
)

select * from final

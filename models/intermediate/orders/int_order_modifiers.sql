{{ config(indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

-- modifiers hold modifiers: opened level by level, to any depth up to max_modifier_depth
with

items as (
    select
        document_id,
        loaded_at,
        item_position,
        modifiers
    from {{ ref('int_order_items') }}
    where modifiers is not null and {{ is_newly_loaded() }}
),

parsed as (
    {{ parse_nested_leaves(
        'items',
        ['document_id', 'loaded_at', 'item_position'],
        'modifiers',
        order_modifier_leaves(),
        path_prefix="'details.items[' || (item_position - 1) || '].'"
    ) }}
),

final as (
    select
        document_id,
        item_position,
        nested_path as modifier_path,
        parent_path,

        depth as modifier_depth,
        position as modifier_position,
        id as modifier_id,
        sku,
        name as modifier_name,
        modifier_group_id,
        modifier_group_name,
        quantity,

        price_total as price_total_cents,
        price_unit as price_unit_cents,
        price_base as price_base_cents,
        price_menu as price_menu_cents,

        case
            when depth = {{ max_modifier_depth() }} and coalesce(modifiers, '[]') <> '[]'
                then document_path || 'modifiers: nested deeper than {{ max_modifier_depth() }}'
            else rejecting_findings
        end as rejecting_findings,
        other_findings,
        unknown_members,

        loaded_at
    from parsed
)

select * from final

{{ config(indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

-- modifiers hold modifiers: opened level by level, to any depth up to max_modifier_depth
with recursive

items as (
    select
        document_id,
        loaded_at,
        item_position,
        modifiers
    from {{ ref('int_order_items') }}
    where modifiers is not null and {{ is_newly_loaded() }}
),

opened as (
    select
        document_id,
        loaded_at,
        item_position,
        cast(null as {{ dbt.type_string() }}) as parent_path,
        cast(position as {{ dbt.type_string() }}) as modifier_path,
        cast(1 as bigint) as modifier_depth,
        position as modifier_position,
        'details.items[' || (item_position - 1) || '].modifiers[' || (position - 1) || '].' as document_path,
        element
    from ({{ open_array('items', ['document_id', 'loaded_at', 'item_position'], 'modifiers') }}) as first_level

    union all

    select
        document_id,
        loaded_at,
        item_position,
        modifier_path as parent_path,
        cast(modifier_path || '.' || cast(position as {{ dbt.type_string() }}) as {{ dbt.type_string() }}) as modifier_path,
        modifier_depth + 1 as modifier_depth,
        position as modifier_position,
        document_path || 'modifiers[' || (position - 1) || '].' as document_path,
        element
    from (
        {{ open_array(
            'parents',
            ['document_id', 'loaded_at', 'item_position', 'modifier_path', 'modifier_depth', 'document_path'],
            'modifiers',
            from_query='select opened.document_id, opened.loaded_at, opened.item_position, opened.modifier_path, opened.modifier_depth, opened.document_path, '
                ~ json_member('opened.element', 'modifiers') ~ ' as modifiers from opened where opened.modifier_depth < '
                ~ max_modifier_depth()
        ) }}
    ) as next_level
),

parsed as (
    {{ parse_leaves(
        'opened',
        ['document_id', 'loaded_at', 'item_position', 'parent_path', 'modifier_path', 'modifier_depth', 'modifier_position', 'document_path'],
        'element',
        order_modifier_leaves(),
        path_prefix='document_path'
    ) }}
),

final as (
    select
        document_id,
        item_position,
        modifier_path,
        parent_path,

        modifier_depth,
        modifier_position,
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
            when modifier_depth = {{ max_modifier_depth() }} and coalesce(modifiers, '[]') <> '[]'
                then document_path || 'modifiers: nested deeper than {{ max_modifier_depth() }}'
            else rejecting_findings
        end as rejecting_findings,
        other_findings,

        loaded_at
    from parsed
)

select * from final

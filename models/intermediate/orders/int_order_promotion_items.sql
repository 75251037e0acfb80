{{ config(indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

with

parents as (
    select
        document_id,
        loaded_at,
        promotion_position,
        discount_items
    from {{ ref('int_order_platform_promotions') }}
    where {{ is_newly_loaded() }}
),

parsed as (
    {{ parse_array_leaves(
        'parents',
        ['document_id', 'loaded_at', 'promotion_position'],
        'discount_items',
        discount_item_leaves(),
        path_prefix="'rawPlatformFinancials.promotions.platformPromotions[' || (promotion_position - 1) || '].discountItems[' || (position - 1) || '].'"
    ) }}
),

final as (
    select
        document_id,
        promotion_position,
        position as discount_item_position,

        external_id as external_item_id,
        discounted_quantity,

        rejecting_findings,
        other_findings,
        unknown_members,

        loaded_at
    from parsed
)

select * from final

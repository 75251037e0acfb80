{{ config(schema='restricted', indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

with

documents as (
    select
        document_id,
        loaded_at,
        promotions_platform_promotions
    from {{ ref('int_order_documents') }}
    where {{ is_newly_loaded() }}
),

parsed as (
    {{ parse_array_leaves(
        'documents',
        ['document_id', 'loaded_at'],
        'promotions_platform_promotions',
        platform_promotion_leaves(),
        path_prefix="'rawPlatformFinancials.promotions.platformPromotions[' || (position - 1) || '].'"
    ) }}
),

final as (
    select
        document_id,
        position as promotion_position,

        promo_type,
        promotion_uuid,
        external_promotion_id,
        funding_splits,
        discount_items,
        promo_discount_percentage,

        promo_discount_value as discount_cents,
        promo_delivery_fee_value as delivery_discount_cents,

        rejecting_findings,
        other_findings,
        unknown_members,

        loaded_at
    from parsed
)

select * from final

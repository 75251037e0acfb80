{{ config(indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

with

parents as (
    select
        document_id,
        loaded_at,
        promotions_applied_discounts
    from {{ ref('int_order_documents') }}
    where {{ is_newly_loaded() }}
),

parsed as (
    {{ parse_array_leaves(
        'parents',
        ['document_id', 'loaded_at'],
        'promotions_applied_discounts',
        applied_discount_leaves(),
        path_prefix="'rawPlatformFinancials.promotions.appliedDiscounts[' || (position - 1) || '].'"
    ) }}
),

final as (
    select
        document_id,
        position as promotion_position,

        promo_id,
        promo_code,
        external_campaign_id,

        discount_amount as discount_cents,

        rejecting_findings,
        other_findings,
        unknown_members,

        loaded_at
    from parsed
)

select * from final

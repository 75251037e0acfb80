with

parents as (
    select
        document_id,
        promotions_applied_discounts
    from {{ ref('int_order_documents') }}
),

opened as (
    {{ open_array('parents', ['document_id'], 'promotions_applied_discounts') }}
),

parsed as (
    {{ parse_leaves(
        'opened',
        ['document_id', 'position'],
        'element',
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
        other_findings
    from parsed
)

select * from final

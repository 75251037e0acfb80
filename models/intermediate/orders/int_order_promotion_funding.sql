{{ config(indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

with

promotions as (
    select
        document_id,
        loaded_at,
        promotion_position,
        funding_splits
    from {{ ref('int_order_platform_promotions') }}
    where {{ is_newly_loaded() }}
),

parsed as (
    {{ parse_array_leaves(
        'promotions',
        ['document_id', 'loaded_at', 'promotion_position'],
        'funding_splits',
        funding_split_leaves(),
        path_prefix="'rawPlatformFinancials.promotions.platformPromotions[' || (promotion_position - 1) || '].fundingSplits[' || (position - 1) || '].'"
    ) }}
),

final as (
    select
        document_id,
        promotion_position,
        position as split_position,

        funding_source,

        amount_paid as amount_paid_cents,

        rejecting_findings,
        other_findings,
        unknown_members,

        loaded_at
    from parsed
)

select * from final

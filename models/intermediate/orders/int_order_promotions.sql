{{ config(indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

with

documents as (
    select
        document_id,
        loaded_at,
        details_promotions
    from {{ ref('int_order_documents') }}
    where {{ is_newly_loaded() }}
),

parsed as (
    {{ parse_array_leaves(
        'documents',
        ['document_id', 'loaded_at'],
        'details_promotions',
        order_promotion_leaves(),
        path_prefix="'details.promotions[' || (position - 1) || '].'"
    ) }}
),

final as (
    select
        document_id,
        position as promotion_position,

        name as promotion_name,
        discount_percentage,

        discount_value as discount_cents,

        rejecting_findings,
        other_findings,
        unknown_members,

        loaded_at
    from parsed
)

select * from final

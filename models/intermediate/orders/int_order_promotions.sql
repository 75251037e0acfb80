with

documents as (
    select
        document_id,
        details_promotions
    from {{ ref('int_order_documents') }}
),

opened as (
    {{ open_array('documents', ['document_id'], 'details_promotions') }}
),

parsed as (
    {{ parse_leaves('opened', ['document_id', 'position'], 'element', order_promotion_leaves(), path_prefix="'details.promotions[' || (position - 1) || '].'") }}
),

final as (
    select
        document_id,
        position as promotion_position,

        name as promotion_name,
        discount_percentage,

        discount_value as discount_cents,

        rejecting_findings,
        other_findings
    from parsed
)

select * from final

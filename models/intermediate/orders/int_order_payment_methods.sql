{{ config(indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

with

parents as (
    select
        document_id,
        loaded_at,
        payments_payment_methods
    from {{ ref('int_order_documents') }}
    where {{ is_newly_loaded() }}
),

parsed as (
    {{ parse_array_leaves(
        'parents',
        ['document_id', 'loaded_at'],
        'payments_payment_methods',
        payment_method_leaves(),
        path_prefix="'rawPlatformFinancials.payments.paymentMethods[' || (position - 1) || '].'"
    ) }}
),

final as (
    select
        document_id,
        position as payment_position,

        payment_type,
        tax_application,
        payment_source,

        amount as amount_cents,

        rejecting_findings,
        other_findings,
        unknown_members,

        loaded_at
    from parsed
)

select * from final

with

parents as (
    select
        document_id,
        payments_payment_methods
    from {{ ref('int_order_documents') }}
),

opened as (
    {{ open_array('parents', ['document_id'], 'payments_payment_methods') }}
),

parsed as (
    {{ parse_leaves(
        'opened',
        ['document_id', 'position'],
        'element',
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
        other_findings
    from parsed
)

select * from final

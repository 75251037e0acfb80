with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing'
),

payments as (
    select * from {{ ref('int_order_payment_methods') }}
),

final as (
    select
        versions.order_id,
        payments.payment_position,

        payments.payment_type,
        payments.tax_application,
        payments.payment_source,

        payments.amount_cents
    from versions
    inner join payments on versions.document_id = payments.document_id
)

select * from final

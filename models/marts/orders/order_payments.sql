{{ config(pre_hook='{{ delete_restated_orders() }}', indexes=lookup_indexes(['order_id', 'loaded_at'])) }}

with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing' and {{ is_newly_loaded() }}
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

        payments.amount_cents,

        versions.loaded_at
    from versions
    inner join payments on versions.document_id = payments.document_id
)

select * from final

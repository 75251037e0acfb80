{{ config(pre_hook='{{ delete_restated_orders() }}', indexes=lookup_indexes(['order_id', 'loaded_at'])) }}

{%- set newly_loaded = is_newly_loaded() %}

-- what a document holds was loaded at the moment that its version was
with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing' and {{ newly_loaded }}
),

payments as (
    select * from {{ ref('int_order_payment_methods') }}
    where {{ newly_loaded }}
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

{{ config(pre_hook='{{ delete_restated_orders() }}', indexes=lookup_indexes(['order_id', 'loaded_at'])) }}

{%- set newly_loaded = is_newly_loaded() %}

-- what a document holds was loaded at the moment that its version was
with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing' and {{ newly_loaded }}
),

remittances as (
    select * from {{ ref('int_order_tax_remittances') }}
    where {{ newly_loaded }}
),

final as (
    select
        versions.order_id,
        remittances.remitter,
        remittances.remittance_position,

        remittances.currency_code,

        remittances.amount_cents,

        versions.loaded_at
    from versions
    inner join remittances on versions.document_id = remittances.document_id
)

select * from final

with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing'
),

remittances as (
    select * from {{ ref('int_order_tax_remittances') }}
),

final as (
    select
        versions.order_id,
        remittances.remitter,
        remittances.remittance_position,

        remittances.currency_code,

        remittances.amount_cents
    from versions
    inner join remittances on versions.document_id = remittances.document_id
)

select * from final

{% set integration_columns = raw_columns(source('config_rds_public', 'integration')) %}

with

merchants as (
    select * from {{ source('config_rds_public', 'merchant') }}
    where
        is_test_merchant = false
        and _fivetran_deleted = false
),

-- json has no order and no equality on PostgreSQL: it is shown as text
integrations as (
    select
        merchant_id,
        source,
        type,
        is_active,
        {{ raw_column(integration_columns, 'external_ids', 'json') }} as external_ids,
        is_deviceless
    from {{ source('config_rds_public', 'integration') }}
),

final as (
    select
        merchants.merchant_id,
        merchants.name,
        integrations.source,
        integrations.is_active,
        integrations.external_ids,
        integrations.is_deviceless
    from merchants
    left join integrations on merchants.merchant_id = integrations.merchant_id
    -- by bytes, so that every engine gives one order; merchants of one name, and types of one source, follow their keys
    order by
        {{ binary_order('merchants.name') }},
        {{ binary_order('integrations.source') }} nulls last,
        {{ binary_order('merchants.merchant_id') }},
        {{ binary_order('integrations.type') }}
)

select * from final

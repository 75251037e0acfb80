{% set columns = raw_columns(source('deliveriesv3prod_rds_public', 'deliveries')) %}

with

source as (
    select * from {{ source('deliveriesv3prod_rds_public', 'deliveries') }}
),

renamed as (
    select
        {{ raw_column(columns, 'id', 'string') }} as delivery_id,
        {{ raw_column(columns, 'partner_id', 'string') }} as merchant_id,
        {{ raw_column(columns, 'external_order_id', 'string') }} as platform_order_id,

        {{ lowered(trimmed(raw_column(columns, 'order_source', 'string'))) }} as integration_source,
        {{ raw_column(columns, 'status', 'string') }} as delivery_status,

        coalesce({{ raw_column(columns, '_fivetran_deleted', 'boolean') }}, false) as is_deleted,

        {{ raw_column(columns, 'created_at', 'timestamp') }} as created_at,
        {{ raw_column(columns, 'updated_at', 'timestamp') }} as updated_at,
        {{ raw_column(columns, '_fivetran_synced', 'timestamp') }} as synced_at
    from source
),

final as (
    select * from renamed
)

select * from final

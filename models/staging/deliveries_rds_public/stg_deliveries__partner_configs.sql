{% set columns = raw_columns(source('deliveries_rds_public', 'partner_configs')) %}

with

source as (
    select * from {{ source('deliveries_rds_public', 'partner_configs') }}
),

renamed as (
    select
        {{ raw_column(columns, 'partner_id', 'string') }} as merchant_id,

        {{ raw_column(columns, 'store_name', 'string') }} as store_name,

        coalesce({{ raw_column(columns, '_fivetran_deleted', 'boolean') }}, false) as is_deleted,

        {{ raw_column(columns, '_fivetran_synced', 'timestamp') }} as synced_at
    from source
),

final as (
    select * from renamed
)

select * from final

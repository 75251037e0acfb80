{% set columns = raw_columns(source('deliveries_rds_public', 'olo_config_providers')) %}

with

source as (
    select * from {{ source('deliveries_rds_public', 'olo_config_providers') }}
),

renamed as (
    select
        {{ raw_column(columns, 'config_id', 'string') }} as olo_config_id,
        {{ raw_column(columns, 'provider_id', 'string') }} as olo_provider_id,

        {{ raw_column(columns, 'type', 'string') }} as provider_type,

        coalesce({{ raw_column(columns, '_fivetran_deleted', 'boolean') }}, false) as is_deleted,

        {{ raw_column(columns, '_fivetran_synced', 'timestamp') }} as synced_at
    from source
),

final as (
    select * from renamed
)

select * from final

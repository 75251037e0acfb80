{% set columns = raw_columns(source('config_rds_public', 'integration')) %}

with

source as (
    select * from {{ source('config_rds_public', 'integration') }}
),

renamed as (
    select
        {{ raw_column(columns, 'merchant_id', 'string') }} as merchant_id,
        {{ lowered(trimmed(raw_column(columns, 'source', 'string'))) }} as integration_source,
        {{ raw_column(columns, 'type', 'string') }} as integration_type,

        {{ raw_column(columns, 'external_ids', 'json') }} as external_ids,
        {{ raw_column(columns, 'pickup_override_minutes', 'bigint') }} as pickup_override_minutes,

        coalesce({{ raw_column(columns, 'is_active', 'boolean') }}, false) as is_active,
        coalesce({{ raw_column(columns, 'is_deviceless', 'boolean') }}, false) as is_deviceless,
        coalesce({{ trimmed(raw_column(columns, 'unlock_pin', 'string')) }} <> '', false) as has_unlock_pin,
        coalesce(not {{ are_external_ids_readable(raw_column(columns, 'external_ids', 'json')) }}, false) as has_unreadable_external_ids,
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

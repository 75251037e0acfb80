{% set columns = raw_columns(source('deliveries_rds_public', 'partner_olo_configs')) %}

with

source as (
    select * from {{ source('deliveries_rds_public', 'partner_olo_configs') }}
),

renamed as (
    select
        {{ raw_column(columns, 'id', 'string') }} as olo_config_id,
        {{ raw_column(columns, 'partner_id', 'string') }} as merchant_id,

        {{ raw_column(columns, 'pickup_instructions', 'string') }} as pickup_instructions,

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

{% set columns = raw_columns(source('deliveries_rds_public', 'olo_references')) %}

with

source as (
    select * from {{ source('deliveries_rds_public', 'olo_references') }}
),

renamed as (
    select
        {{ raw_column(columns, 'delivery_id', 'string') }} as delivery_id,
        {{ raw_column(columns, 'attempt_id', 'string') }} as attempt_id,
        {{ raw_column(columns, 'original_delivery_id', 'string') }} as olo_order_id,

        coalesce({{ raw_column(columns, '_fivetran_deleted', 'boolean') }}, false) as is_deleted,

        {{ raw_column(columns, 'created_at', 'timestamp') }} as received_from_olo_at,
        {{ raw_column(columns, '_fivetran_synced', 'timestamp') }} as synced_at
    from source
),

final as (
    select * from renamed
)

select * from final

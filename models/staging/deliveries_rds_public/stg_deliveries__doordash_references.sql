{% set columns = raw_columns(source('deliveries_rds_public', 'doordash_references')) %}

with

source as (
    select * from {{ source('deliveries_rds_public', 'doordash_references') }}
),

renamed as (
    select
        {{ raw_column(columns, 'delivery_id', 'string') }} as delivery_number,
        {{ raw_column(columns, 'attempt_id', 'string') }} as attempt_id,

        coalesce({{ raw_column(columns, '_fivetran_deleted', 'boolean') }}, false) as is_deleted,

        {{ raw_column(columns, 'created_at', 'timestamp') }} as sent_to_doordash_at,
        {{ raw_column(columns, '_fivetran_synced', 'timestamp') }} as synced_at
    from source
),

final as (
    select * from renamed
)

select * from final

{% set columns = raw_columns(source('deliveries_rds_public', 'olo_requests')) %}

with

source as (
    select * from {{ source('deliveries_rds_public', 'olo_requests') }}
),

renamed as (
    select
        {{ raw_column(columns, 'id', 'string') }} as request_id,

        upper({{ trimmed(raw_column(columns, 'type', 'string')) }}) as call_type,
        {{ raw_column(columns, 'payload', 'json') }} as payload,

        coalesce({{ raw_column(columns, '_fivetran_deleted', 'boolean') }}, false) as is_deleted,

        {{ raw_column(columns, 'created_at', 'timestamp') }} as requested_at,
        {{ raw_column(columns, '_fivetran_synced', 'timestamp') }} as synced_at
    from source
),

final as (
    select * from renamed
)

select * from final

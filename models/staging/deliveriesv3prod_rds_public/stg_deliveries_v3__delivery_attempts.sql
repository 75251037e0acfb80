{% set columns = raw_columns(source('deliveriesv3prod_rds_public', 'delivery_attempts')) %}

with

source as (
    select * from {{ source('deliveriesv3prod_rds_public', 'delivery_attempts') }}
),

renamed as (
    select
        {{ raw_column(columns, 'delivery_id', 'string') }} as delivery_id,
        {{ raw_column(columns, 'attempt_id', 'string') }} as attempt_id,

        coalesce({{ raw_column(columns, '_fivetran_deleted', 'boolean') }}, false) as is_deleted,

        {{ raw_column(columns, 'created_at', 'timestamp') }} as linked_at,
        {{ raw_column(columns, '_fivetran_synced', 'timestamp') }} as synced_at
    from source
),

final as (
    select * from renamed
)

select * from final

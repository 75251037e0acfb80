{% set columns = raw_columns(source('deliveriesv3prod_rds_public', 'attempts')) %}

with

source as (
    select * from {{ source('deliveriesv3prod_rds_public', 'attempts') }}
),

renamed as (
    select
        {{ raw_column(columns, 'id', 'string') }} as attempt_id,

        upper({{ trimmed(raw_column(columns, 'provider', 'string')) }}) as provider,
        {{ raw_column(columns, 'status', 'string') }} as attempt_status,

        coalesce({{ raw_column(columns, '_fivetran_deleted', 'boolean') }}, false) as is_deleted,

        {{ raw_column(columns, 'created_at', 'timestamp') }} as started_at,
        {{ raw_column(columns, 'updated_at', 'timestamp') }} as updated_at,
        {{ raw_column(columns, '_fivetran_synced', 'timestamp') }} as synced_at
    from source
),

final as (
    select * from renamed
)

select * from final

{% set columns = raw_columns(source('config_rds_public', 'merchant')) %}

with

source as (
    select * from {{ source('config_rds_public', 'merchant') }}
),

renamed as (
    select
        {{ raw_column(columns, 'merchant_id', 'string') }} as merchant_id,

        {{ raw_column(columns, 'name', 'string') }} as merchant_name,

        coalesce({{ raw_column(columns, 'is_test_merchant', 'boolean') }}, false) as is_test,
        coalesce({{ raw_column(columns, '_fivetran_deleted', 'boolean') }}, false) as is_deleted,

        {{ raw_column(columns, '_fivetran_synced', 'timestamp') }} as synced_at
    from source
),

final as (
    select * from renamed
)

select * from final

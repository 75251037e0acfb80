{% set columns = raw_columns(source('deliveries_rds_public', 'olo_providers')) %}

with

source as (
    select * from {{ source('deliveries_rds_public', 'olo_providers') }}
),

renamed as (
    select
        {{ raw_column(columns, 'id', 'string') }} as olo_provider_id,

        {{ raw_column(columns, 'name', 'string') }} as provider_name,
        {{ raw_column(columns, 'slug', 'string') }} as provider_slug,
        {{ raw_column(columns, 'profile', 'json') }} as profile,
        {{ raw_column(columns, 'tos_prompt', 'string') }} as terms_of_service_prompt,

        coalesce({{ raw_column(columns, '_fivetran_deleted', 'boolean') }}, false) as is_deleted,

        {{ raw_column(columns, '_fivetran_synced', 'timestamp') }} as synced_at
    from source
),

final as (
    select * from renamed
)

select * from final

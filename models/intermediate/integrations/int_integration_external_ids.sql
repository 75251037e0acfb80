with

integrations as (
    select * from {{ ref('stg_config__integration') }}
),

final as (
    {{ external_id_rows(
        'integrations',
        ['merchant_id', 'integration_source', 'integration_type', 'is_active', 'is_deleted'],
        'external_ids'
    ) }}
)

select * from final

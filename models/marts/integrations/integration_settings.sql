with

integrations as (
    select * from {{ ref('stg_config__integration') }}
),

final as (
    select
        merchant_id,

        integration_source,
        integration_type,
        external_ids,
        pickup_override_minutes,

        is_active,
        is_deviceless,
        has_unlock_pin,
        has_unreadable_external_ids,
        is_deleted,

        created_at,
        updated_at
    from integrations
)

select * from final

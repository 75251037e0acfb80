with

integrations as (
    select * from {{ ref('stg_config__integration') }}
),

external_ids as (
    select * from {{ ref('int_integration_external_ids') }}
    where not is_deleted
),

marked as (
    select
        *,
        is_active and not is_deleted as is_switched_on,
        max(case when is_active and not is_deleted then 1 else 0 end) over (partition by merchant_id, integration_source) as on_mark,
        max(case when not is_deleted then 1 else 0 end) over (partition by merchant_id, integration_source) as standing_mark
    from integrations
),

-- the rows that say how it is set: those switched on; where none is, those that stand; where none stands, all
telling as (
    select * from marked
    where
        is_switched_on
        or (on_mark = 0 and not is_deleted)
        or standing_mark = 0
),

row_counts as (
    select
        merchant_id,
        integration_source,
        sum(case when not is_deleted then 1 else 0 end) as integration_count,
        sum(case when is_switched_on then 1 else 0 end) as active_integration_count
    from marked
    group by merchant_id, integration_source
),

external_id_counts as (
    select
        merchant_id,
        integration_source,
        count(distinct external_id) as external_id_count
    from external_ids
    group by merchant_id, integration_source
),

settings as (
    select
        merchant_id,
        integration_source,
        {{ dbt.listagg('integration_type', "', '", 'order by ' ~ binary_order('integration_type')) }} as integration_types,
        max(pickup_override_minutes) as pickup_override_minutes,
        count(distinct coalesce(pickup_override_minutes, -1)) as pickup_override_count,
        max(case when is_deviceless then 1 else 0 end) as deviceless_mark,
        max(case when has_unlock_pin then 1 else 0 end) as unlock_pin_mark,
        max(case when has_unreadable_external_ids then 1 else 0 end) as unreadable_mark,
        max(on_mark) as on_mark,
        max(standing_mark) as standing_mark,
        max(updated_at) as settings_updated_at
    from telling
    group by merchant_id, integration_source
),

final as (
    select
        settings.merchant_id,

        settings.integration_source,
        settings.integration_types,
        case when settings.pickup_override_count = 1 then settings.pickup_override_minutes end as pickup_override_minutes,
        cast(row_counts.integration_count as bigint) as integration_count,
        cast(row_counts.active_integration_count as bigint) as active_integration_count,
        coalesce(external_id_counts.external_id_count, 0) as external_id_count,

        settings.on_mark = 1 as is_active,
        settings.standing_mark = 0 as is_deleted,
        settings.deviceless_mark = 1 as is_deviceless,
        settings.unlock_pin_mark = 1 as has_unlock_pin,
        settings.unreadable_mark = 1 as has_unreadable_external_ids,
        settings.pickup_override_count > 1 as has_differing_pickup_overrides,

        settings.settings_updated_at
    from settings
    inner join row_counts
        on settings.merchant_id = row_counts.merchant_id
        and settings.integration_source = row_counts.integration_source
    left join external_id_counts
        on settings.merchant_id = external_id_counts.merchant_id
        and settings.integration_source = external_id_counts.integration_source
)

select * from final

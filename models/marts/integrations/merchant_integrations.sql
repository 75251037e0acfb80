-- Requests of a week below which failures are no pattern.
{%- set fewest_requests = 10 %}

with

settings as (
    select * from {{ ref('int_integration_settings') }}
),

volumes as (
    select * from {{ ref('int_integration_volumes') }}
),

habits as (
    select * from {{ ref('int_integration_habits') }}
),

call_counts as (
    select * from {{ ref('int_integration_call_counts') }}
),

integration_stores as (
    select * from {{ ref('int_integration_stores') }}
),

olo_configs as (
    select * from {{ ref('int_merchant_olo_configs') }}
),

merchants as (
    select * from {{ ref('merchants') }}
),

platforms as (
    select * from {{ ref('platform_terms') }}
),

stores as (
    select * from {{ ref('stores') }}
),

sources as (
    select distinct integration_source
    from platforms
),

store_counts as (
    select
        stores.merchant_id,
        platforms.integration_source,
        count(*) as store_count
    from stores
    inner join platforms on stores.platform = platforms.platform
    group by stores.merchant_id, platforms.integration_source
),

named_stores as (
    select
        merchant_id,
        integration_source,
        count(*) as named_store_count,
        cast(sum(case when merchant_count > 1 then 1 else 0 end) as bigint) as shared_store_count
    from integration_stores
    group by merchant_id, integration_source
),

-- the last seven whole days and the one under way
recent_calls as (
    select
        merchant_id,
        integration_source,
        cast(sum(request_count) as bigint) as request_count_7d,
        cast(sum(failed_request_count) as bigint) as failed_request_count_7d,
        cast(sum(unreadable_payload_count) as bigint) as unreadable_payload_count_7d
    from call_counts
    where call_date >= {{ dbt.dateadd('day', -7, 'cast(' ~ as_of_timestamp() ~ ' as date)') }}
    group by merchant_id, integration_source
),

-- orders or deliveries without an integration are shown, not lost
merchant_sources as (
    select
        merchant_id,
        integration_source
    from settings
    union
    select
        merchant_id,
        integration_source
    from volumes
),

measured as (
    select
        merchant_sources.merchant_id,
        merchants.merchant_name,
        merchant_sources.integration_source,
        settings.integration_types,
        settings.pickup_override_minutes,
        coalesce(settings.integration_count, 0) as integration_count,
        coalesce(settings.active_integration_count, 0) as active_integration_count,
        coalesce(settings.external_id_count, 0) as external_id_count,
        case when merchant_sources.integration_source = 'olo' then coalesce(olo_configs.olo_config_count, 0) end as olo_config_count,
        case when merchant_sources.integration_source = 'olo' then coalesce(olo_configs.olo_provider_count, 0) end as olo_provider_count,
        case when merchant_sources.integration_source = 'olo' then olo_configs.olo_providers end as olo_providers,
        coalesce(store_counts.store_count, 0) as store_count,
        coalesce(named_stores.named_store_count, 0) as named_store_count,
        coalesce(named_stores.shared_store_count, 0) as shared_store_count,
        coalesce(volumes.delivery_count_1d, 0) as delivery_count_1d,
        coalesce(volumes.delivery_count_7d, 0) as delivery_count_7d,
        coalesce(volumes.delivery_count_30d, 0) as delivery_count_30d,
        coalesce(volumes.order_count_1d, 0) as order_count_1d,
        coalesce(volumes.order_count_7d, 0) as order_count_7d,
        coalesce(volumes.order_count_30d, 0) as order_count_30d,
        coalesce(volumes.robot_delivery_count_30d, 0) as robot_delivery_count_30d,
        coalesce(volumes.fallback_count_30d, 0) as fallback_count_30d,
        {{ basis_points('volumes.fallback_count_30d', 'volumes.robot_delivery_count_30d') }} as fallback_rate_30d_bps,
        coalesce(recent_calls.request_count_7d, 0) as request_count_7d,
        coalesce(recent_calls.failed_request_count_7d, 0) as failed_request_count_7d,
        coalesce(recent_calls.unreadable_payload_count_7d, 0) as unreadable_payload_count_7d,
        {{ basis_points('recent_calls.failed_request_count_7d', 'recent_calls.request_count_7d') }} as error_rate_7d_bps,
        habits.longest_gap_seconds,
        habits.silence_limit_seconds,
        {{ seconds_between('volumes.last_activity_at', as_of_timestamp()) }} as quiet_seconds,
        settings.merchant_id is not null as is_configured,
        coalesce(settings.is_active, false) as is_active,
        coalesce(settings.is_deleted, false) as is_deleted,
        coalesce(settings.is_deviceless, false) as is_deviceless,
        coalesce(settings.has_unlock_pin, false) as has_unlock_pin,
        coalesce(settings.has_unreadable_external_ids, false) as has_unreadable_external_ids,
        coalesce(settings.has_differing_pickup_overrides, false) as has_differing_pickup_overrides,
        coalesce(merchants.is_configured, false) as is_merchant_configured,
        coalesce(merchants.is_test, false) as is_merchant_test,
        coalesce(merchants.is_deleted, false) as is_merchant_deleted,
        sources.integration_source is not null as is_source_known,
        settings.settings_updated_at,
        volumes.last_delivery_at,
        volumes.last_order_at,
        coalesce(volumes.last_activity_at > {{ dbt.dateadd('day', -7, as_of_timestamp()) }}, false) as has_activity_7d,
        coalesce(volumes.last_activity_at <= settings.settings_updated_at, false) as is_activity_before_change
    from merchant_sources
    left join settings
        on merchant_sources.merchant_id = settings.merchant_id
        and merchant_sources.integration_source = settings.integration_source
    left join volumes
        on merchant_sources.merchant_id = volumes.merchant_id
        and merchant_sources.integration_source = volumes.integration_source
    left join store_counts
        on merchant_sources.merchant_id = store_counts.merchant_id
        and merchant_sources.integration_source = store_counts.integration_source
    left join named_stores
        on merchant_sources.merchant_id = named_stores.merchant_id
        and merchant_sources.integration_source = named_stores.integration_source
    left join habits
        on merchant_sources.merchant_id = habits.merchant_id
        and merchant_sources.integration_source = habits.integration_source
    left join recent_calls
        on merchant_sources.merchant_id = recent_calls.merchant_id
        and merchant_sources.integration_source = recent_calls.integration_source
    left join olo_configs on merchant_sources.merchant_id = olo_configs.merchant_id
    left join merchants on merchant_sources.merchant_id = merchants.merchant_id
    left join sources on merchant_sources.integration_source = sources.integration_source
),

diagnosed as (
    select
        *,
        case
            when not is_merchant_configured then 'The configuration has no such merchant.'
            when not is_source_known then 'No platform has this source.'
            when has_unreadable_external_ids then 'The external ids are broken JSON.'
            when external_id_count = 0 then 'There are no external ids.'
            when shared_store_count > 0 then 'Its external ids name a store that another merchant names too.'
            when olo_config_count = 0 then 'The merchant has no OLO configuration.'
            when olo_provider_count = 0 then 'No OLO configuration of the merchant is linked to a provider.'
        end as misconfiguration,
        coalesce(is_active and quiet_seconds > silence_limit_seconds, false) as is_silent,
        is_active and request_count_7d >= {{ fewest_requests }} and failed_request_count_7d * 2 > request_count_7d as is_failing
    from measured
),

-- the first that holds; an integration that was just switched off had its last orders before the change
judged as (
    select
        *,
        case
            when is_active and is_merchant_deleted then 'active_while_merchant_deleted'
            when is_active and is_merchant_test then 'active_while_merchant_test'
            when not is_active and has_activity_7d and not is_activity_before_change then 'orders_while_inactive'
            when not is_active then 'inactive'
            when misconfiguration is not null then 'misconfigured'
            when is_failing then 'failing'
            when is_silent then 'silent'
            when quiet_seconds is null then 'unused'
            when not has_activity_7d and silence_limit_seconds is null then 'unproven'
            else 'healthy'
        end as health_state
    from diagnosed
),

final as (
    select
        merchant_id,

        merchant_name,
        integration_source,
        health_state,
        case health_state
            when 'active_while_merchant_deleted' then 'It is switched on, and the merchant is deleted.'
            when 'active_while_merchant_test' then 'It is switched on, and the merchant exists for tests only.'
            when 'orders_while_inactive'
                then
                    case
                        when not is_configured then 'Orders or deliveries came in the last 7 days, and no integration is configured.'
                        when is_deleted then 'Orders or deliveries came in the last 7 days, and the integration is deleted.'
                        else 'Orders or deliveries came in the last 7 days, and it is switched off.'
                    end
            when 'inactive'
                then
                    case
                        when not is_configured then 'No integration is configured, and nothing came in the last 7 days.'
                        when is_deleted then 'It is deleted.'
                        else 'It is switched off.'
                    end
            when 'misconfigured' then misconfiguration
            when 'failing' then 'More than half of the requests of the last 7 days failed or had no answer.'
            when 'silent' then 'Nothing came for more than twice the longest time between its orders.'
            when 'unused' then 'It is switched on, and nothing ever came.'
            when 'unproven' then 'Nothing came in the last 7 days, and too few orders came before to know its habit.'
            when 'healthy' then 'Orders or deliveries come as usual.'
        end as health_reason,
        integration_types,
        pickup_override_minutes,
        integration_count,
        active_integration_count,
        external_id_count,
        olo_config_count,
        olo_provider_count,
        olo_providers,
        store_count,
        named_store_count,
        shared_store_count,
        delivery_count_1d,
        delivery_count_7d,
        delivery_count_30d,
        order_count_1d,
        order_count_7d,
        order_count_30d,
        robot_delivery_count_30d,
        fallback_count_30d,
        fallback_rate_30d_bps,
        request_count_7d,
        failed_request_count_7d,
        unreadable_payload_count_7d,
        error_rate_7d_bps,
        longest_gap_seconds,
        silence_limit_seconds,
        quiet_seconds,

        is_configured,
        is_active,
        is_silent,
        is_failing,
        is_deleted,
        is_deviceless,
        has_unlock_pin,
        has_unreadable_external_ids,
        has_differing_pickup_overrides,
        is_merchant_configured,
        is_merchant_test,
        is_merchant_deleted,

        settings_updated_at,
        last_delivery_at,
        last_order_at
    from judged
)

select * from final

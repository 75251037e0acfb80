with

deliveries as (
    select * from {{ ref('stg_deliveries_v3__deliveries') }}
    where not is_deleted
),

delivery_progress as (
    select * from {{ ref('int_delivery_progress') }}
),

order_versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing'
),

order_documents as (
    select * from {{ ref('int_order_documents') }}
),

order_stores as (
    select * from {{ ref('int_order_stores') }}
),

platforms as (
    select * from {{ ref('platform_terms') }}
),

merchant_zones as (
    select * from {{ ref('int_merchant_zones') }}
),

events as (
    select
        'delivery' as event_kind,
        deliveries.delivery_id as event_id,
        deliveries.merchant_id,
        deliveries.integration_source,
        deliveries.created_at as occurred_at,
        coalesce(delivery_progress.robot_attempt_count > 0, false) as has_robot_attempt,
        coalesce(delivery_progress.is_doordash_fallback, false) as is_doordash_fallback
    from deliveries
    left join delivery_progress on deliveries.delivery_id = delivery_progress.delivery_id
    union all
    select
        'order' as event_kind,
        order_versions.order_id as event_id,
        order_stores.merchant_id,
        platforms.integration_source,
        order_documents.details_placed_at as occurred_at,
        false as has_robot_attempt,
        false as is_doordash_fallback
    from order_versions
    inner join order_documents on order_versions.document_id = order_documents.document_id
    inner join order_stores on order_versions.order_id = order_stores.order_id
    inner join platforms on order_stores.platform = platforms.platform
),

final as (
    select
        events.event_kind,
        events.event_id,
        events.merchant_id,

        events.integration_source,
        coalesce(merchant_zones.time_zone, 'UTC') as time_zone,

        events.has_robot_attempt,
        events.is_doordash_fallback,

        cast({{ local_timestamp('events.occurred_at', "coalesce(merchant_zones.time_zone, 'UTC')") }} as date) as event_date,
        events.occurred_at
    from events
    left join merchant_zones on events.merchant_id = merchant_zones.merchant_id
    where
        events.merchant_id is not null
        and events.integration_source is not null
        and events.occurred_at <= {{ as_of_timestamp() }}
)

select * from final

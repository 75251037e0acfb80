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

events as (
    select
        deliveries.merchant_id,
        deliveries.integration_source,
        deliveries.created_at as occurred_at,
        'delivery' as event_kind,
        coalesce(delivery_progress.robot_attempt_count > 0, false) as has_robot_attempt,
        coalesce(delivery_progress.is_doordash_fallback, false) as is_doordash_fallback
    from deliveries
    left join delivery_progress on deliveries.delivery_id = delivery_progress.delivery_id
    union all
    select
        order_stores.merchant_id,
        platforms.integration_source,
        order_documents.details_placed_at as occurred_at,
        'order' as event_kind,
        false as has_robot_attempt,
        false as is_doordash_fallback
    from order_versions
    inner join order_documents on order_versions.document_id = order_documents.document_id
    inner join order_stores on order_versions.order_id = order_stores.order_id
    inner join platforms on order_stores.platform = platforms.platform
),

aged as (
    select
        *,
        occurred_at > {{ dbt.dateadd('day', -1, as_of_timestamp()) }} as is_within_1d,
        occurred_at > {{ dbt.dateadd('day', -7, as_of_timestamp()) }} as is_within_7d,
        occurred_at > {{ dbt.dateadd('day', -30, as_of_timestamp()) }} as is_within_30d
    from events
    where
        merchant_id is not null
        and integration_source is not null
        and occurred_at <= {{ as_of_timestamp() }}
),

final as (
    select
        merchant_id,

        integration_source,
        cast(sum(case when event_kind = 'delivery' and is_within_1d then 1 else 0 end) as bigint) as delivery_count_1d,
        cast(sum(case when event_kind = 'delivery' and is_within_7d then 1 else 0 end) as bigint) as delivery_count_7d,
        cast(sum(case when event_kind = 'delivery' and is_within_30d then 1 else 0 end) as bigint) as delivery_count_30d,
        cast(sum(case when event_kind = 'order' and is_within_1d then 1 else 0 end) as bigint) as order_count_1d,
        cast(sum(case when event_kind = 'order' and is_within_7d then 1 else 0 end) as bigint) as order_count_7d,
        cast(sum(case when event_kind = 'order' and is_within_30d then 1 else 0 end) as bigint) as order_count_30d,
        cast(sum(case when has_robot_attempt and is_within_30d then 1 else 0 end) as bigint) as robot_delivery_count_30d,
        cast(sum(case when is_doordash_fallback and is_within_30d then 1 else 0 end) as bigint) as fallback_count_30d,

        max(case when event_kind = 'delivery' then occurred_at end) as last_delivery_at,
        max(case when event_kind = 'order' then occurred_at end) as last_order_at,
        max(occurred_at) as last_activity_at
    from aged
    group by merchant_id, integration_source
)

select * from final

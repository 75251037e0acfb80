with

deliveries as (
    select * from {{ ref('stg_deliveries_v3__deliveries') }}
    where coalesce(created_at <= {{ as_of_timestamp() }}, true)
),

delivery_references as (
    select * from {{ ref('int_delivery_references') }}
),

delivery_progress as (
    select * from {{ ref('int_delivery_progress') }}
),

-- of several references the one that stands and came last
ranked_references as (
    select
        *,
        row_number() over (
            partition by reference_source, delivery_id
            order by case when is_deleted then 1 else 0 end, referenced_at desc nulls last, {{ binary_order('referenced_delivery_id') }}
        ) as reference_rank,
        sum(case when is_deleted then 0 else 1 end) over (partition by reference_source, delivery_id) as reference_count
    from delivery_references
    where delivery_id is not null
),

doordash_references as (
    select * from ranked_references
    where reference_source = 'doordash' and reference_rank = 1
),

olo_references as (
    select * from ranked_references
    where reference_source = 'olo' and reference_rank = 1
),

final as (
    select
        deliveries.delivery_id,
        deliveries.merchant_id,
        deliveries.platform_order_id,
        olo_references.olo_order_id,
        doordash_references.referenced_delivery_id as doordash_delivery_number,

        deliveries.integration_source,
        deliveries.delivery_status,
        doordash_references.delivery_match_method as doordash_match_method,
        olo_references.delivery_match_method as olo_match_method,
        cast(coalesce(doordash_references.reference_count, 0) as bigint) as doordash_reference_count,
        cast(coalesce(olo_references.reference_count, 0) as bigint) as olo_reference_count,
        coalesce(delivery_progress.attempt_count, 0) as attempt_count,
        coalesce(delivery_progress.robot_attempt_count, 0) as robot_attempt_count,
        coalesce(delivery_progress.doordash_attempt_count, 0) as doordash_attempt_count,
        delivery_progress.last_provider,
        delivery_progress.last_attempt_status,
        delivery_progress.fallback_seconds,

        coalesce(delivery_progress.is_doordash_fallback, false) as is_doordash_fallback,
        coalesce(doordash_references.has_delivery_conflict and not doordash_references.is_deleted, false)
        or coalesce(olo_references.has_delivery_conflict and not olo_references.is_deleted, false) as has_delivery_conflict,
        coalesce(doordash_references.is_deleted, false) as is_doordash_reference_deleted,
        coalesce(olo_references.is_deleted, false) as is_olo_reference_deleted,
        deliveries.is_deleted,

        deliveries.created_at,
        delivery_progress.first_attempt_at,
        delivery_progress.last_attempt_at,
        doordash_references.referenced_at as sent_to_doordash_at,
        olo_references.referenced_at as received_from_olo_at,
        deliveries.updated_at
    from deliveries
    left join delivery_progress on deliveries.delivery_id = delivery_progress.delivery_id
    left join doordash_references on deliveries.delivery_id = doordash_references.delivery_id
    left join olo_references on deliveries.delivery_id = olo_references.delivery_id
)

select * from final

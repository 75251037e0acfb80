with

delivery_attempts as (
    select * from {{ ref('int_delivery_attempts') }}
),

attempt_counts as (
    select
        delivery_id,
        count(*) as attempt_count,
        sum(case when provider = 'COCO' then 1 else 0 end) as robot_attempt_count,
        sum(case when provider = 'DOORDASH' then 1 else 0 end) as doordash_attempt_count,
        max(case when is_doordash_fallback then 1 else 0 end) as fallback_mark,
        min(fallback_seconds) as fallback_seconds,
        min(started_at) as first_attempt_at,
        max(started_at) as last_attempt_at
    from delivery_attempts
    where attempt_number is not null
    group by delivery_id
),

final as (
    select
        attempt_counts.delivery_id,

        last_attempts.provider as last_provider,
        last_attempts.attempt_status as last_attempt_status,
        attempt_counts.attempt_count,
        cast(attempt_counts.robot_attempt_count as bigint) as robot_attempt_count,
        cast(attempt_counts.doordash_attempt_count as bigint) as doordash_attempt_count,
        attempt_counts.fallback_seconds,

        attempt_counts.fallback_mark = 1 as is_doordash_fallback,

        attempt_counts.first_attempt_at,
        attempt_counts.last_attempt_at
    from attempt_counts
    inner join delivery_attempts as last_attempts
        on attempt_counts.delivery_id = last_attempts.delivery_id
        and attempt_counts.attempt_count = last_attempts.attempt_number
)

select * from final

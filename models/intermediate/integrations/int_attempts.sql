with

attempts as (
    select * from {{ ref('stg_deliveries_v3__attempts') }}
),

links as (
    select * from {{ ref('stg_deliveries_v3__delivery_attempts') }}
),

-- the maxima are only read where there is one delivery to take
linked as (
    select
        attempt_id,
        count(distinct delivery_id) as delivery_count,
        count(distinct case when not is_deleted then delivery_id end) as standing_delivery_count,
        max(delivery_id) as any_delivery_id,
        max(case when not is_deleted then delivery_id end) as standing_delivery_id,
        min(linked_at) as linked_at
    from links
    group by attempt_id
),

-- an attempt that only a link names is an attempt all the same
attempt_ids as (
    select attempt_id from attempts
    union
    select attempt_id from linked
),

final as (
    select
        attempt_ids.attempt_id,
        case
            when linked.standing_delivery_count = 1 then linked.standing_delivery_id
            when linked.standing_delivery_count = 0 and linked.delivery_count = 1 then linked.any_delivery_id
        end as delivery_id,

        case
            when linked.attempt_id is null then 'none'
            when linked.standing_delivery_count = 1 then 'link'
            when linked.delivery_count = 1 then 'deleted_link'
            else 'ambiguous'
        end as delivery_match_method,
        attempts.provider,
        attempts.attempt_status,

        attempts.attempt_id is not null as is_attempt_known,
        coalesce(attempts.is_deleted, false) or coalesce(linked.standing_delivery_count = 0, false) as is_deleted,

        coalesce(attempts.started_at, linked.linked_at) as started_at,
        attempts.updated_at
    from attempt_ids
    left join attempts on attempt_ids.attempt_id = attempts.attempt_id
    left join linked on attempt_ids.attempt_id = linked.attempt_id
    where coalesce(coalesce(attempts.started_at, linked.linked_at) <= {{ as_of_timestamp() }}, true)
)

select * from final

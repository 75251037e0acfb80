with

attempts as (
    select * from {{ ref('int_attempts') }}
),

delivery_references as (
    select * from {{ ref('int_delivery_references') }}
),

deliveries as (
    select * from {{ ref('stg_deliveries_v3__deliveries') }}
),

-- deleted attempts are kept, and neither numbered nor followed by a fall-back
numbered as (
    select
        attempt_id,
        row_number() over (
            partition by delivery_id
            order by started_at nulls last, {{ binary_order('attempt_id') }}
        ) as attempt_number
    from attempts
    where delivery_id is not null and not is_deleted
),

robot_starts as (
    select
        delivery_id,
        min(started_at) as first_robot_started_at
    from attempts
    where provider = 'COCO' and not is_deleted
    group by delivery_id
),

sent_to_doordash as (
    select
        attempt_id,
        min(referenced_at) as sent_to_doordash_at
    from delivery_references
    where reference_source = 'doordash' and not is_deleted
    group by attempt_id
),

judged as (
    select
        attempts.*,
        numbered.attempt_number,
        sent_to_doordash.sent_to_doordash_at,
        {{ seconds_between('first_robot_started_at', 'started_at') }} as seconds_since_robot,
        coalesce(
            attempts.provider = 'DOORDASH'
            and not attempts.is_deleted
            and robot_starts.first_robot_started_at < attempts.started_at,
            false
        ) as is_doordash_fallback
    from attempts
    left join numbered on attempts.attempt_id = numbered.attempt_id
    left join robot_starts on attempts.delivery_id = robot_starts.delivery_id
    left join sent_to_doordash on attempts.attempt_id = sent_to_doordash.attempt_id
),

final as (
    select
        judged.attempt_id,
        judged.delivery_id,
        deliveries.merchant_id,

        judged.delivery_match_method,
        deliveries.integration_source,
        cast(judged.attempt_number as bigint) as attempt_number,
        judged.provider,
        judged.attempt_status,
        case when judged.is_doordash_fallback then judged.seconds_since_robot end as fallback_seconds,

        judged.is_doordash_fallback,
        judged.is_attempt_known,
        deliveries.delivery_id is not null as is_delivery_known,
        judged.is_deleted,

        judged.started_at,
        judged.sent_to_doordash_at,
        judged.updated_at
    from judged
    left join deliveries on judged.delivery_id = deliveries.delivery_id
)

select * from final

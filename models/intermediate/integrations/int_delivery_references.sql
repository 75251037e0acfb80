with

doordash_references as (
    select * from {{ ref('stg_deliveries__doordash_references') }}
),

olo_references as (
    select * from {{ ref('stg_deliveries__olo_references') }}
),

attempts as (
    select * from {{ ref('int_attempts') }}
),

deliveries as (
    select * from {{ ref('stg_deliveries_v3__deliveries') }}
),

delivery_references as (
    select
        'doordash' as reference_source,
        delivery_number as referenced_delivery_id,
        attempt_id,
        cast(null as {{ dbt.type_string() }}) as olo_order_id,
        is_deleted,
        sent_to_doordash_at as referenced_at
    from doordash_references
    union all
    select
        'olo' as reference_source,
        delivery_id as referenced_delivery_id,
        attempt_id,
        olo_order_id,
        is_deleted,
        received_from_olo_at as referenced_at
    from olo_references
),

made_references as (
    select * from delivery_references
    where coalesce(referenced_at <= {{ as_of_timestamp() }}, true)
),

candidates as (
    select
        made_references.*,
        delivery_by_attempt.delivery_id as delivery_id_by_attempt,
        delivery_by_id.delivery_id as delivery_id_by_id
    from made_references
    left join attempts on made_references.attempt_id = attempts.attempt_id
    left join deliveries as delivery_by_attempt on attempts.delivery_id = delivery_by_attempt.delivery_id
    left join deliveries as delivery_by_id on made_references.referenced_delivery_id = delivery_by_id.delivery_id
),

final as (
    select
        reference_source,
        referenced_delivery_id,
        coalesce(delivery_id_by_attempt, delivery_id_by_id) as delivery_id,
        attempt_id,
        olo_order_id,

        case
            when delivery_id_by_attempt is not null then 'attempt'
            when delivery_id_by_id is not null then 'delivery_id'
            else 'none'
        end as delivery_match_method,

        coalesce(delivery_id_by_attempt <> delivery_id_by_id, false) as has_delivery_conflict,
        is_deleted,

        referenced_at
    from candidates
)

select * from final

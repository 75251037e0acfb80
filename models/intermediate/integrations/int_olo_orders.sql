with

delivery_references as (
    select * from {{ ref('int_delivery_references') }}
    where reference_source = 'olo' and olo_order_id is not null
),

integration_calls as (
    select * from {{ ref('int_integration_calls') }}
    where provider = 'olo'
),

olo_calls as (
    select * from {{ ref('int_olo_calls') }}
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

deliveries as (
    select * from {{ ref('stg_deliveries_v3__deliveries') }}
),

delivery_progress as (
    select * from {{ ref('int_delivery_progress') }}
),

-- of several references the one that stands and came last
ranked_references as (
    select
        *,
        row_number() over (
            partition by olo_order_id
            order by case when is_deleted then 1 else 0 end, referenced_at desc nulls last, {{ binary_order('referenced_delivery_id') }}
        ) as place,
        sum(case when is_deleted then 0 else 1 end) over (partition by olo_order_id) as reference_count
    from delivery_references
),

named_orders as (
    select
        attempt_id,
        olo_order_id,
        case when is_deleted then null else olo_order_id end as standing_olo_order_id
    from delivery_references
    where attempt_id is not null
),

-- a deleted reference only tells the order where none stands; the maxima are only read where there is one order to take
order_ids_of_attempts as (
    select
        attempt_id,
        case
            when count(distinct standing_olo_order_id) = 1 then max(standing_olo_order_id)
            when count(standing_olo_order_id) = 0 and count(distinct olo_order_id) = 1 then max(olo_order_id)
        end as olo_order_id
    from named_orders
    group by attempt_id
),

-- a call whose payload does not tell the order is about the order of its attempt
calls as (
    select
        integration_calls.*,
        coalesce(integration_calls.olo_order_id, order_ids_of_attempts.olo_order_id) as called_olo_order_id,
        olo_calls.is_failed,
        row_number() over (
            partition by coalesce(integration_calls.olo_order_id, order_ids_of_attempts.olo_order_id), integration_calls.direction
            order by
                case when integration_calls.provider_status is not null and not olo_calls.is_failed then 0 else 1 end,
                integration_calls.called_at desc nulls last,
                {{ binary_order('integration_calls.call_id') }} desc
        ) as status_place
    from integration_calls
    inner join olo_calls on integration_calls.call_id = olo_calls.call_id
    left join order_ids_of_attempts on integration_calls.attempt_id = order_ids_of_attempts.attempt_id
),

call_counts as (
    select
        called_olo_order_id as olo_order_id,
        cast(sum(case when direction = 'request' then 1 else 0 end) as bigint) as request_count,
        cast(sum(case when direction = 'response' then 1 else 0 end) as bigint) as response_count,
        cast(sum(case when direction = 'request' and outcome = 'unanswered' then 1 else 0 end) as bigint) as unanswered_request_count,
        cast(sum(case when direction = 'response' and is_failed then 1 else 0 end) as bigint) as failed_response_count,
        cast(sum(case when has_readable_payload then 0 else 1 end) as bigint) as unreadable_payload_count,
        cast(sum(case when has_other_id then 1 else 0 end) as bigint) as other_id_count,
        max(case when direction = 'response' and status_place = 1 and not is_failed then provider_status end) as current_status,
        min(case when direction = 'request' and call_type = 'CREATE' then called_at end) as requested_at,
        min(case when direction = 'response' and call_type = 'CREATE' and not is_failed then called_at end) as answered_at,
        min(case when direction = 'request' and call_type = 'CREATE' then latency_ms end) as create_latency_ms,
        max(case when direction = 'response' then called_at end) as last_response_at,
        max(case when is_recent then 1 else 0 end) as recent_mark
    from calls
    where called_olo_order_id is not null
    group by called_olo_order_id
),

documents as (
    select
        order_documents.details_external_id as olo_order_id,
        max(order_versions.order_id) as order_id,
        max(order_stores.merchant_id) as merchant_id,
        min(order_documents.details_placed_at) as placed_at,
        count(*) as order_count
    from order_versions
    inner join order_documents on order_versions.document_id = order_documents.document_id
    inner join order_stores on order_versions.order_id = order_stores.order_id
    inner join platforms on order_stores.platform = platforms.platform
    where platforms.integration_source = 'olo' and order_documents.details_external_id is not null
    group by order_documents.details_external_id
),

olo_order_ids as (
    select olo_order_id from ranked_references
    union
    select olo_order_id from call_counts
    union
    select olo_order_id from documents
),

final as (
    select
        olo_order_ids.olo_order_id,
        ranked_references.delivery_id,
        ranked_references.attempt_id,
        case when documents.order_count = 1 then documents.order_id end as order_id,
        coalesce(deliveries.merchant_id, case when documents.order_count = 1 then documents.merchant_id end) as merchant_id,

        coalesce(ranked_references.delivery_match_method, 'none') as delivery_match_method,
        cast(coalesce(ranked_references.reference_count, 0) as bigint) as reference_count,
        coalesce(documents.order_count, 0) as order_count,
        deliveries.delivery_status,
        delivery_progress.last_provider as delivery_provider,
        call_counts.current_status,
        coalesce(call_counts.request_count, 0) as request_count,
        coalesce(call_counts.response_count, 0) as response_count,
        coalesce(call_counts.unanswered_request_count, 0) as unanswered_request_count,
        coalesce(call_counts.failed_response_count, 0) as failed_response_count,
        coalesce(call_counts.unreadable_payload_count, 0) as unreadable_payload_count,
        coalesce(call_counts.other_id_count, 0) as other_id_count,
        call_counts.create_latency_ms,

        coalesce(not ranked_references.is_deleted, false) as is_reference_known,
        coalesce(ranked_references.has_delivery_conflict, false) as has_delivery_conflict,
        coalesce(ranked_references.is_deleted, false) as is_deleted,
        coalesce(call_counts.recent_mark = 1, false) as is_recent,

        documents.placed_at,
        call_counts.requested_at,
        call_counts.answered_at,
        ranked_references.referenced_at as received_from_olo_at,
        call_counts.last_response_at
    from olo_order_ids
    left join ranked_references on olo_order_ids.olo_order_id = ranked_references.olo_order_id and ranked_references.place = 1
    left join call_counts on olo_order_ids.olo_order_id = call_counts.olo_order_id
    left join documents on olo_order_ids.olo_order_id = documents.olo_order_id
    left join deliveries on ranked_references.delivery_id = deliveries.delivery_id
    left join delivery_progress on ranked_references.delivery_id = delivery_progress.delivery_id
)

select * from final

with

attempts as (
    select * from {{ ref('int_delivery_attempts') }}
),

delivery_references as (
    select * from {{ ref('int_delivery_references') }}
    where reference_source = 'doordash' and attempt_id is not null
),

doordash_calls as (
    select * from {{ ref('int_doordash_calls') }}
),

integration_calls as (
    select * from {{ ref('int_integration_calls') }}
    where provider = 'doordash'
),

-- a log row that was deleted later was a call all the same
calls as (
    select
        integration_calls.*,
        doordash_calls.doordash_delivery_id,
        doordash_calls.cancellation_reason,
        doordash_calls.currency_code,
        doordash_calls.fee_cents,
        doordash_calls.has_driver,
        doordash_calls.is_failed,
        doordash_calls.pickup_estimated_at,
        doordash_calls.picked_up_at,
        doordash_calls.dropoff_estimated_at,
        doordash_calls.dropped_off_at
    from integration_calls
    inner join doordash_calls on integration_calls.call_id = doordash_calls.call_id
    where integration_calls.attempt_id is not null
),

judged_calls as (
    select
        *,
        coalesce(
            direction = 'response' and not is_failed and lower(provider_status) in ('cancelled', 'canceled'),
            false
        ) as is_cancellation,
        coalesce(
            direction = 'response' and not is_failed and lower(provider_status) = 'delivered',
            false
        ) as is_completion
    from calls
),

-- one that is taken or delivered after a cancellation is not cancelled any more; another late status says nothing of it
placed_calls as (
    select
        *,
        max(
            case
                when is_completion then called_at
                when direction = 'response' and call_type = 'CREATE' and has_readable_payload and not is_failed and not is_cancellation
                    then called_at
            end
        ) over (partition by attempt_id) as last_running_at
    from judged_calls
),

attempt_ids as (
    select attempt_id from attempts
    where provider = 'DOORDASH'
    union
    select attempt_id from delivery_references
    union
    select attempt_id from calls
),

-- of several references the one that stands and came last
ranked_references as (
    select
        *,
        row_number() over (
            partition by attempt_id
            order by case when is_deleted then 1 else 0 end, referenced_at desc nulls last, {{ binary_order('referenced_delivery_id') }}
        ) as place,
        sum(case when is_deleted then 0 else 1 end) over (partition by attempt_id) as reference_count
    from delivery_references
),

call_counts as (
    select
        attempt_id,
        {%- for type in ['create', 'cancel', 'update', 'quote'] %}
        {%- for direction in ['request', 'response'] %}
        cast(
            sum(case when direction = '{{ direction }}' and call_type = '{{ type | upper }}' then 1 else 0 end) as bigint
        ) as {{ type }}_{{ direction }}_count,
        {%- endfor %}
        {%- endfor %}
        cast(sum(case when direction = 'request' then 1 else 0 end) as bigint) as request_count,
        cast(sum(case when direction = 'response' then 1 else 0 end) as bigint) as response_count,
        cast(
            sum(case when direction = 'request' and call_type = 'CREATE' and outcome = 'unanswered' then 1 else 0 end) as bigint
        ) as unanswered_create_count,
        cast(sum(case when direction = 'request' and outcome = 'unanswered' then 1 else 0 end) as bigint) as unanswered_request_count,
        sum(case when direction = 'response' and call_type = 'CREATE' and is_failed then 1 else 0 end) as failed_create_count,
        cast(sum(case when direction = 'response' and is_failed then 1 else 0 end) as bigint) as failed_response_count,
        cast(sum(case when not has_readable_payload then 1 else 0 end) as bigint) as unreadable_payload_count,
        cast(sum(case when has_other_id then 1 else 0 end) as bigint) as other_id_count,
        min(case when direction = 'request' and call_type = 'CREATE' then latency_ms end) as create_latency_ms,
        min(case when direction = 'response' and has_driver and call_type <> 'QUOTE' then called_at end) as driver_assigned_at,
        min(case when is_completion then called_at end) as delivered_seen_at,
        min(case when is_cancellation and (last_running_at is null or called_at >= last_running_at) then called_at end) as cancelled_at,
        max(case when direction = 'request' and call_type = 'CANCEL' then called_at end) as last_cancel_sent_at,
        max(case when direction = 'response' then called_at end) as last_response_at,
        min(case when direction = 'request' and call_type = 'CREATE' then called_at end) as first_create_sent_at
    from placed_calls
    group by attempt_id
),

-- what is said several times: estimates count as first given, facts and fees as last given
{%- set told = {
    'doordash_delivery_id': ['doordash_delivery_id', 'asc', 'true'],
    'currency_code': ['currency_code', 'desc', 'true'],
    'quoted_fee_cents': ['fee_cents', 'desc', "call_type = 'QUOTE' and not is_failed"],
    'charged_fee_cents': ['fee_cents', 'desc', "call_type <> 'QUOTE' and not is_failed"],
    'cancellation_reason': ['cancellation_reason', 'desc', '(last_running_at is null or called_at >= last_running_at)'],
    'current_status': ['provider_status', 'desc', "call_type <> 'QUOTE' and not is_failed"],
    'failed_create_status': ['provider_status', 'desc', "call_type = 'CREATE' and is_failed"],
    'last_error_code': ['error_code', 'desc', 'is_failed'],
    'pickup_estimated_at': ['pickup_estimated_at', 'asc', 'true'],
    'picked_up_at': ['picked_up_at', 'desc', 'true'],
    'dropoff_estimated_at': ['dropoff_estimated_at', 'asc', 'true'],
    'dropped_off_at': ['dropped_off_at', 'desc', 'true'],
} %}
ranked_responses as (
    select
        *,
        {%- for name, (column, direction, condition) in told.items() %}
        row_number() over (
            partition by attempt_id
            order by
                case when {{ column }} is not null and {{ condition }} then 0 else 1 end,
                called_at {{ direction }} nulls last,
                {{ binary_order('call_id') }} {{ direction }}
        ) as {{ name }}_place,
        {%- endfor %}
        row_number() over (partition by attempt_id order by called_at desc nulls last, {{ binary_order('call_id') }} desc) as lateness
    from placed_calls
    where direction = 'response'
),

told as (
    select
        attempt_id,
        {%- for name, (column, direction, condition) in told.items() %}
        max(case when {{ name }}_place = 1 and {{ condition }} then {{ column }} end) as {{ name }},
        {%- endfor %}
        max(case when lateness = 1 then provider_status end) as last_response_status
    from ranked_responses
    group by attempt_id
),

final as (
    select
        attempt_ids.attempt_id,
        coalesce(attempts.delivery_id, ranked_references.delivery_id) as delivery_id,
        attempts.merchant_id,
        ranked_references.referenced_delivery_id as doordash_delivery_number,
        told.doordash_delivery_id,

        attempts.integration_source,
        attempts.provider,
        attempts.attempt_status,
        coalesce(ranked_references.delivery_match_method, 'none') as delivery_match_method,
        cast(coalesce(ranked_references.reference_count, 0) as bigint) as reference_count,
        coalesce(told.current_status, told.failed_create_status) as current_status,
        told.last_response_status,
        told.cancellation_reason,
        told.last_error_code,
        told.currency_code,
        {%- for type in ['create', 'cancel', 'update', 'quote'] %}
        coalesce(call_counts.{{ type }}_request_count, 0) as {{ type }}_request_count,
        coalesce(call_counts.{{ type }}_response_count, 0) as {{ type }}_response_count,
        {%- endfor %}
        coalesce(call_counts.request_count, 0) as request_count,
        coalesce(call_counts.response_count, 0) as response_count,
        coalesce(call_counts.unanswered_create_count, 0) as unanswered_create_count,
        coalesce(call_counts.unanswered_request_count, 0) as unanswered_request_count,
        coalesce(call_counts.failed_response_count, 0) as failed_response_count,
        coalesce(call_counts.unreadable_payload_count, 0) as unreadable_payload_count,
        coalesce(call_counts.other_id_count, 0) as other_id_count,
        call_counts.create_latency_ms,

        told.quoted_fee_cents,
        told.charged_fee_cents,

        coalesce(attempts.is_attempt_known, false) as is_attempt_known,
        coalesce(not ranked_references.is_deleted, false) as is_reference_known,
        coalesce(ranked_references.is_deleted, false) as is_reference_deleted,
        coalesce(attempts.is_deleted, ranked_references.is_deleted, false) as is_deleted,
        call_counts.driver_assigned_at is not null as has_driver_assigned,
        call_counts.cancelled_at is not null as is_cancelled,
        coalesce(
            call_counts.create_response_count > 0
            and call_counts.failed_create_count = call_counts.create_response_count
            and call_counts.unanswered_create_count = 0,
            false
        ) as is_create_refused,

        attempts.started_at,
        coalesce(ranked_references.referenced_at, call_counts.first_create_sent_at) as sent_to_doordash_at,
        call_counts.driver_assigned_at,
        told.pickup_estimated_at,
        told.picked_up_at,
        told.dropoff_estimated_at,
        told.dropped_off_at,
        call_counts.delivered_seen_at,
        -- where no response that can be read says so, the attempt does
        coalesce(
            told.dropped_off_at,
            call_counts.delivered_seen_at,
            case when attempts.attempt_status = 'COMPLETED' then attempts.updated_at end
        ) as completed_at,
        call_counts.last_cancel_sent_at,
        call_counts.cancelled_at,
        call_counts.last_response_at
    from attempt_ids
    left join attempts on attempt_ids.attempt_id = attempts.attempt_id
    left join ranked_references on attempt_ids.attempt_id = ranked_references.attempt_id and ranked_references.place = 1
    left join call_counts on attempt_ids.attempt_id = call_counts.attempt_id
    left join told on attempt_ids.attempt_id = told.attempt_id
)

select * from final

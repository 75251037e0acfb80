-- Seconds within which a message of a type that providers also send unasked still counts as the answer to a request.
{%- set answer_seconds = 60 %}

with

doordash_calls as (
    select * from {{ ref('int_doordash_calls') }}
),

olo_calls as (
    select * from {{ ref('int_olo_calls') }}
),

attempts as (
    select * from {{ ref('int_attempts') }}
),

delivery_references as (
    select * from {{ ref('int_delivery_references') }}
),

-- what is not yet replicated cannot be said to be missing
horizon as (
    select * from {{ ref('int_integration_horizon') }}
),

calls as (
    select
        'doordash' as provider,
        call_id,
        stated_attempt_id,
        named_attempt_id,
        cast(null as {{ dbt.type_string() }}) as olo_order_id,
        direction,
        call_type,
        provider_status,
        error_code,
        payload_findings,
        is_failed,
        has_readable_payload,
        is_deleted,
        called_at,
        synced_at
    from doordash_calls
    union all
    select
        'olo' as provider,
        call_id,
        stated_attempt_id,
        named_attempt_id,
        olo_order_id,
        direction,
        call_type,
        provider_status,
        error_code,
        payload_findings,
        is_failed,
        has_readable_payload,
        is_deleted,
        called_at,
        synced_at
    from olo_calls
),

-- a call that was made later was not known; of one without a time nothing says so
made_calls as (
    select * from calls
    where coalesce(called_at <= {{ as_of_timestamp() }}, true)
),

known_attempts as (
    select attempt_id from attempts
    union
    select attempt_id from delivery_references
    where attempt_id is not null
    union
    select stated_attempt_id as attempt_id from made_calls
    where stated_attempt_id is not null
),

named_attempts as (
    select
        reference_source as provider,
        case when reference_source = 'doordash' then referenced_delivery_id else olo_order_id end as provider_id,
        attempt_id,
        case when is_deleted then null else attempt_id end as standing_attempt_id
    from delivery_references
),

-- an id of a provider that leads to several attempts leads to none; a deleted reference only leads where none stands
provider_ids as (
    select
        provider,
        provider_id,
        case
            when count(distinct standing_attempt_id) = 1 then max(standing_attempt_id)
            when count(standing_attempt_id) = 0 and count(distinct attempt_id) = 1 then max(attempt_id)
        end as attempt_id
    from named_attempts
    group by provider, provider_id
),

resolved as (
    select
        made_calls.*,
        coalesce(made_calls.stated_attempt_id, known_attempts.attempt_id, provider_ids.attempt_id) as attempt_id,
        case
            when made_calls.stated_attempt_id is not null then 'response'
            when known_attempts.attempt_id is not null then 'payload'
            when provider_ids.attempt_id is not null and made_calls.provider = 'doordash' then 'delivery_number'
            when provider_ids.attempt_id is not null then 'olo_order'
            else 'none'
        end as attempt_match_method
    from made_calls
    left join known_attempts on made_calls.named_attempt_id = known_attempts.attempt_id
    left join provider_ids
        on made_calls.provider = provider_ids.provider
        and case when made_calls.provider = 'doordash' then made_calls.named_attempt_id else made_calls.olo_order_id end
        = provider_ids.provider_id
),

requests as (
    select
        *,
        lead(called_at) over (
            partition by provider, attempt_id, call_type
            order by called_at, {{ binary_order('call_id') }}
        ) as next_called_at
    from resolved
    where direction = 'request' and attempt_id is not null and called_at is not null
),

responses as (
    select * from resolved
    where direction = 'response' and attempt_id is not null and called_at is not null
),

-- first the response that follows a request before the next request of its type is sent
following as (
    select
        requests.call_id as request_call_id,
        responses.call_id as response_call_id,
        row_number() over (
            partition by requests.call_id
            order by responses.called_at, {{ binary_order('responses.call_id') }}
        ) as place
    from requests
    inner join responses
        on requests.provider = responses.provider
        and requests.attempt_id = responses.attempt_id
        and requests.call_type = responses.call_type
        and requests.called_at <= responses.called_at
    where
        (requests.next_called_at is null or responses.called_at < requests.next_called_at)
        and (
            not {{ is_pushed_type('requests.call_type') }}
            or {{ milliseconds_between('requests.called_at', 'responses.called_at') }} <= {{ answer_seconds * 1000 }}
        )
),

paired_by_time as (
    select
        request_call_id,
        response_call_id,
        'time' as pair_method
    from following
    where place = 1
),

-- then, where requests overlapped, those left over in the order that they came
left_over as (
    select
        *,
        sum(case when direction = 'request' then 1 else -1 end) over (
            partition by provider, attempt_id, call_type
            order by called_at, direction, {{ binary_order('call_id') }}
            rows between unbounded preceding and current row
        ) as waiting_count
    from resolved
    where
        attempt_id is not null
        and called_at is not null
        and not {{ is_pushed_type('call_type') }}
        and call_id not in (select paired_by_time.request_call_id from paired_by_time)
        and call_id not in (select paired_by_time.response_call_id from paired_by_time)
),

weighed as (
    select
        *,
        min(waiting_count) over (
            partition by provider, attempt_id, call_type
            order by called_at, direction, {{ binary_order('call_id') }}
            rows between unbounded preceding and 1 preceding
        ) as fewest_waiting_count
    from left_over
),

-- a response that no request waits for brings the count below all counts before, and keeps none after it from its own
numbered as (
    select
        *,
        row_number() over (
            partition by provider, attempt_id, call_type, direction
            order by called_at, {{ binary_order('call_id') }}
        ) as place
    from weighed
    where direction = 'request' or waiting_count >= least(0, coalesce(fewest_waiting_count, 0))
),

paired as (
    select * from paired_by_time
    union all
    select
        left_over_requests.call_id as request_call_id,
        left_over_responses.call_id as response_call_id,
        'order' as pair_method
    from numbered as left_over_requests
    inner join numbered as left_over_responses
        on left_over_requests.provider = left_over_responses.provider
        and left_over_requests.attempt_id = left_over_responses.attempt_id
        and left_over_requests.call_type = left_over_responses.call_type
        and left_over_requests.place = left_over_responses.place
    where left_over_requests.direction = 'request' and left_over_responses.direction = 'response'
),

pair_sides as (
    select
        request_call_id as call_id,
        response_call_id as paired_call_id,
        pair_method
    from paired
    union all
    select
        response_call_id as call_id,
        request_call_id as paired_call_id,
        pair_method
    from paired
),

measured as (
    select
        resolved.*,
        pair_sides.paired_call_id,
        pair_sides.pair_method,
        case
            when resolved.direction = 'request' then {{ milliseconds_between('resolved.called_at', 'others.called_at') }}
            else {{ milliseconds_between('others.called_at', 'resolved.called_at') }}
        end as latency_ms,
        -- what a response says of the call: for a request, its answer
        case
            when resolved.direction = 'response' then resolved.has_readable_payload
            else others.has_readable_payload
        end as is_answer_readable,
        case when resolved.direction = 'response' then resolved.is_failed else others.is_failed end as is_answer_failed,
        case when resolved.direction = 'response' then resolved.error_code else others.error_code end as answer_error_code,
        coalesce(resolved.called_at > horizon.settled_until, false) as is_recent
    from resolved
    left join pair_sides on resolved.call_id = pair_sides.call_id
    left join resolved as others on pair_sides.paired_call_id = others.call_id
    cross join horizon
),

judged as (
    select
        *,
        case
            when direction = 'request' and attempt_id is null then 'unidentified'
            when direction = 'request' and paired_call_id is null and is_recent then 'awaiting'
            when direction = 'request' and paired_call_id is null then 'unanswered'
            when not is_answer_readable then 'unreadable'
            when is_answer_failed then 'failed'
            else 'succeeded'
        end as outcome
    from measured
),

final as (
    select
        call_id,
        attempt_id,
        paired_call_id,
        named_attempt_id,
        olo_order_id,

        provider,
        direction,
        call_type,
        attempt_match_method,
        coalesce(pair_method, 'none') as pair_method,
        case
            when paired_call_id is not null then null
            when attempt_id is null and not has_readable_payload then 'The payload is no JSON object, so nothing tells the attempt.'
            when attempt_id is null and named_attempt_id is null then 'Nothing in the payload tells the attempt.'
            when attempt_id is null then 'No attempt is known under the id in the payload.'
            when called_at is null then 'It has no time.'
            when direction = 'request' and outcome = 'awaiting' then 'It was sent in the last hour that is known.'
            when direction = 'request' then 'No response of its type came for the attempt.'
            when {{ is_pushed_type('call_type') }} then 'The provider sent it without being asked.'
            else 'No request of its type was sent for the attempt before it.'
        end as pair_reason,
        outcome,
        case outcome
            when 'failed' then {{ provider_error_class('answer_error_code') }}
            when 'unreadable' then 'not_json'
            when 'unanswered' then 'no_response'
        end as error_class,
        error_code,
        provider_status,
        latency_ms,
        payload_findings,

        has_readable_payload,
        coalesce(named_attempt_id <> attempt_id, false) as has_other_id,
        is_deleted,
        is_recent,

        called_at
    from judged
)

select * from final

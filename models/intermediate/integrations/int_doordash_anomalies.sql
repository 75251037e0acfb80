with

doordash_deliveries as (
    select * from {{ ref('int_doordash_deliveries') }}
),

calls as (
    select * from {{ ref('int_integration_calls') }}
    where provider = 'doordash'
),

horizon as (
    select * from {{ ref('int_integration_horizon') }}
),

-- numbers of the first service and what else stands in the place of an attempt's id
other_ids as (
    select
        attempt_id,
        max(case when {{ matches('named_attempt_id', '^[0-9]+$') }} then 1 else 0 end) as number_mark,
        max(case when {{ matches('named_attempt_id', '^[0-9]+$') }} then 0 else 1 end) as text_mark
    from calls
    where has_other_id
    group by attempt_id
),

-- of what was sent in the last hour that is known, the rest may still come
recent as (
    select
        attempt_id,
        max(case when is_recent then 1 else 0 end) as recent_mark
    from calls
    group by attempt_id
),

judged as (
    select
        doordash_deliveries.*,
        coalesce(other_ids.number_mark = 1, false) as has_number_for_id,
        coalesce(other_ids.text_mark = 1, false) as has_text_for_id,
        coalesce(recent.recent_mark = 1, false) as is_recent,
        coalesce(doordash_deliveries.started_at > horizon.settled_until, false)
        or coalesce(doordash_deliveries.sent_to_doordash_at > horizon.settled_until, false) as is_new,
        -- a delivery has one reference, that of the last attempt that DoorDash took
        doordash_deliveries.delivery_id is not null
        and max(case when doordash_deliveries.is_reference_known then 1 else 0 end) over (partition by doordash_deliveries.delivery_id) = 1
            as has_delivery_reference
    from doordash_deliveries
    left join other_ids on doordash_deliveries.attempt_id = other_ids.attempt_id
    left join recent on doordash_deliveries.attempt_id = recent.attempt_id
    cross join horizon
),

standing as (
    select * from judged
    where not is_deleted
),

{%- set anomalies = [
    ['unanswered_create', 'unanswered_create_count > 0', 'A CREATE was sent, and no response to it is there.'],
    ['repeated_create', 'create_request_count > 1', 'CREATE was sent more than once.'],
    ['cancel_after_completion', 'last_cancel_sent_at > completed_at', 'CANCEL was sent after the drop-off.'],
    ['wrong_id_type', 'has_number_for_id', 'Calls name a number in the place of the id of the attempt.'],
    ['wrong_id', 'has_text_for_id', 'Calls name another id in the place of the id of the attempt.'],
    ['orphan_reference', "is_reference_known and not is_attempt_known and delivery_match_method = 'none' and not is_new", 'Neither the delivery nor the attempt of the reference exists.'],
    ['reference_without_attempt', "is_reference_known and not is_attempt_known and delivery_match_method <> 'none' and not is_new", 'The delivery of the reference exists, and its attempt does not.'],
    ['calls_without_attempt', 'not is_reference_known and not is_attempt_known and not is_new', 'Calls name an attempt that does not exist.'],
    ['reference_without_response', 'is_reference_known and is_attempt_known and response_count = 0 and not is_recent and not is_new', 'It was sent to DoorDash, and no response is there.'],
    ['attempt_without_reference', "provider = 'DOORDASH' and not is_reference_known and not has_delivery_reference and not is_create_refused and not is_recent and not is_new", 'DoorDash fulfils the attempt, and no reference to its delivery stands.'],
    ['reference_to_other_provider', "provider <> 'DOORDASH' and is_reference_known", 'A reference to DoorDash is there, and the attempt is of another provider.'],
    ['several_references', 'reference_count > 1', 'Several references name the attempt.'],
] %}

final as (
    {%- for anomaly, condition, reason in anomalies %}
    select
        attempt_id,
        '{{ anomaly }}' as anomaly,
        '{{ reason }}' as anomaly_reason
    from standing
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final

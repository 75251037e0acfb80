{{ config(schema='restricted') }}

with

requests as (
    select * from {{ ref('stg_deliveries__doordash_requests') }}
),

responses as (
    select * from {{ ref('stg_deliveries__doordash_responses') }}
),

parsed as (
    {{ provider_calls('doordash', 'requests', 'responses', 'external_delivery_id', 'delivery_id', doordash_payload_leaves()) }}
),

-- what a request says of a code or a message is for somebody else to read
judged as (
    select
        *,
        {{ is_failed_payload() }} as is_failed
    from parsed
),

final as (
    select
        call_id,
        stated_attempt_id,
        named_attempt_id,
        provider_order_id as doordash_delivery_id,

        direction,
        call_type,
        status as provider_status,
        case when is_failed and direction = 'response' then {{ code_word('coalesce(error_code, code)') }} end as error_code,
        case when is_failed and direction = 'response' then coalesce(error_message, message) end as error_message,
        {{ joined_lines(['rejecting_findings', 'other_findings']) }} as payload_findings,
        {{ code_word('cancellation_reason') }} as cancellation_reason,
        cancellation_reason as cancellation_words,
        upper(nullif({{ trimmed('currency') }}, '')) as currency_code,

        fee as fee_cents,

        has_driver,
        is_failed,
        has_readable_payload,
        is_deleted,

        called_at,
        synced_at,
        pickup_time_estimated as pickup_estimated_at,
        pickup_time_actual as picked_up_at,
        dropoff_time_estimated as dropoff_estimated_at,
        dropoff_time_actual as dropped_off_at
    from judged
)

select * from final

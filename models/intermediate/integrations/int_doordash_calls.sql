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

final as (
    select
        call_id,
        stated_attempt_id,
        named_attempt_id,
        provider_order_id as doordash_delivery_id,

        direction,
        call_type,
        status as provider_status,
        coalesce(error_code, code) as error_code,
        {{ without_long_numbers('coalesce(error_message, message)') }} as error_message,
        {{ joined_lines(['rejecting_findings', 'other_findings']) }} as payload_findings,
        cancellation_reason,
        currency as currency_code,

        fee as fee_cents,

        has_driver,
        {{ is_failed_payload() }} as is_failed,
        has_readable_payload,
        is_deleted,

        called_at,
        synced_at,
        pickup_time_estimated as pickup_estimated_at,
        pickup_time_actual as picked_up_at,
        dropoff_time_estimated as dropoff_estimated_at,
        dropoff_time_actual as dropped_off_at
    from parsed
)

select * from final

with

requests as (
    select * from {{ ref('stg_deliveries__olo_requests') }}
),

responses as (
    select * from {{ ref('stg_deliveries__olo_responses') }}
),

parsed as (
    {{ provider_calls('olo', 'requests', 'responses', 'externalReference', 'orderId', olo_payload_leaves()) }}
),

final as (
    select
        call_id,
        stated_attempt_id,
        named_attempt_id,
        provider_order_id as olo_order_id,

        direction,
        call_type,
        status as provider_status,
        coalesce(error_code, code) as error_code,
        {{ without_long_numbers('coalesce(error_message, message)') }} as error_message,
        {{ joined_lines(['rejecting_findings', 'other_findings']) }} as payload_findings,

        {{ is_failed_payload() }} as is_failed,
        has_readable_payload,
        is_deleted,

        called_at,
        synced_at
    from parsed
)

select * from final

{{ config(schema='restricted') }}

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
        provider_order_id as olo_order_id,

        direction,
        call_type,
        status as provider_status,
        case when is_failed and direction = 'response' then {{ code_word('coalesce(error_code, code)') }} end as error_code,
        case when is_failed and direction = 'response' then coalesce(error_message, message) end as error_message,
        {{ joined_lines(['rejecting_findings', 'other_findings']) }} as payload_findings,

        is_failed,
        has_readable_payload,
        is_deleted,

        called_at,
        synced_at
    from judged
)

select * from final

with

calls as (
    select * from {{ ref('int_integration_calls') }}
),

attempts as (
    select * from {{ ref('int_delivery_attempts') }}
),

final as (
    select
        calls.call_id,
        calls.attempt_id,
        attempts.delivery_id,
        attempts.merchant_id,
        calls.paired_call_id,
        calls.named_attempt_id,

        calls.provider,
        calls.direction,
        calls.call_type,
        attempts.integration_source,
        calls.attempt_match_method,
        calls.pair_method,
        calls.pair_reason,
        calls.outcome,
        calls.error_class,
        calls.error_code,
        calls.provider_status,
        calls.latency_ms,
        calls.payload_findings,

        calls.has_readable_payload,
        calls.has_other_id,
        calls.is_deleted,

        calls.called_at
    from calls
    left join attempts on calls.attempt_id = attempts.attempt_id
)

select * from final

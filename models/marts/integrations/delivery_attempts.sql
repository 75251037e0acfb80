with

delivery_attempts as (
    select * from {{ ref('int_delivery_attempts') }}
),

final as (
    select
        attempt_id,
        delivery_id,
        merchant_id,

        delivery_match_method,
        integration_source,
        attempt_number,
        provider,
        attempt_status,
        fallback_seconds,

        is_doordash_fallback,
        is_attempt_known,
        is_delivery_known,
        is_deleted,

        started_at,
        sent_to_doordash_at,
        updated_at
    from delivery_attempts
)

select * from final

with

calls as (
    select * from {{ ref('int_integration_calls') }}
),

attempts as (
    select * from {{ ref('int_delivery_attempts') }}
),

merchant_zones as (
    select * from {{ ref('int_merchant_zones') }}
),

merchant_calls as (
    select
        calls.*,
        attempts.merchant_id,
        attempts.integration_source,
        cast({{ local_timestamp('calls.called_at', "coalesce(merchant_zones.time_zone, 'UTC')") }} as date) as call_date
    from calls
    inner join attempts on calls.attempt_id = attempts.attempt_id
    left join merchant_zones on attempts.merchant_id = merchant_zones.merchant_id
    where
        attempts.merchant_id is not null
        and attempts.integration_source is not null
        and calls.called_at <= {{ as_of_timestamp() }}
),

final as (
    select
        merchant_id,

        integration_source,
        cast(sum(case when direction = 'request' and outcome <> 'awaiting' then 1 else 0 end) as bigint) as request_count,
        cast(
            sum(case when direction = 'request' and outcome in ('failed', 'unreadable', 'unanswered') then 1 else 0 end) as bigint
        ) as failed_request_count,
        cast(sum(case when has_readable_payload then 0 else 1 end) as bigint) as unreadable_payload_count,
        cast(sum(case when has_readable_payload and payload_findings is not null then 1 else 0 end) as bigint) as unexpected_payload_count,

        call_date
    from merchant_calls
    group by merchant_id, integration_source, call_date
)

select * from final

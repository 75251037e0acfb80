with

doordash_deliveries as (
    select * from {{ ref('int_doordash_deliveries') }}
),

anomalies as (
    select * from {{ ref('int_doordash_anomalies') }}
),

listed_anomalies as (
    select
        attempt_id,
        {{ dbt.listagg('anomaly', "', '", 'order by ' ~ binary_order('anomaly')) }} as anomalies,
        count(*) as anomaly_count
    from anomalies
    group by attempt_id
),

final as (
    select
        doordash_deliveries.attempt_id,
        doordash_deliveries.delivery_id,
        doordash_deliveries.merchant_id,
        doordash_deliveries.doordash_delivery_number,
        doordash_deliveries.doordash_delivery_id,

        doordash_deliveries.integration_source,
        doordash_deliveries.provider,
        doordash_deliveries.attempt_status,
        doordash_deliveries.delivery_match_method,
        doordash_deliveries.current_status,
        doordash_deliveries.last_response_status,
        doordash_deliveries.cancellation_reason,
        doordash_deliveries.last_error_code,
        listed_anomalies.anomalies,
        coalesce(listed_anomalies.anomaly_count, 0) as anomaly_count,
        doordash_deliveries.reference_count,
        doordash_deliveries.create_request_count,
        doordash_deliveries.create_response_count,
        doordash_deliveries.cancel_request_count,
        doordash_deliveries.cancel_response_count,
        doordash_deliveries.update_request_count,
        doordash_deliveries.update_response_count,
        doordash_deliveries.quote_request_count,
        doordash_deliveries.quote_response_count,
        doordash_deliveries.unanswered_request_count,
        doordash_deliveries.failed_response_count,
        doordash_deliveries.unreadable_payload_count,
        doordash_deliveries.create_latency_ms,
        {{ seconds_between('doordash_deliveries.pickup_estimated_at', 'doordash_deliveries.picked_up_at') }} as pickup_delay_seconds,
        {{ seconds_between('doordash_deliveries.dropoff_estimated_at', 'doordash_deliveries.dropped_off_at') }} as dropoff_delay_seconds,

        doordash_deliveries.currency_code,
        doordash_deliveries.quoted_fee_cents,
        doordash_deliveries.charged_fee_cents,

        doordash_deliveries.is_attempt_known,
        doordash_deliveries.is_reference_known,
        doordash_deliveries.is_reference_deleted,
        doordash_deliveries.has_driver_assigned,
        doordash_deliveries.is_cancelled,
        doordash_deliveries.is_create_refused,
        doordash_deliveries.is_deleted,

        doordash_deliveries.started_at,
        doordash_deliveries.sent_to_doordash_at,
        doordash_deliveries.driver_assigned_at,
        doordash_deliveries.pickup_estimated_at,
        doordash_deliveries.picked_up_at,
        doordash_deliveries.dropoff_estimated_at,
        doordash_deliveries.dropped_off_at,
        doordash_deliveries.delivered_seen_at,
        doordash_deliveries.cancelled_at,
        doordash_deliveries.last_response_at
    from doordash_deliveries
    left join listed_anomalies on doordash_deliveries.attempt_id = listed_anomalies.attempt_id
)

select * from final

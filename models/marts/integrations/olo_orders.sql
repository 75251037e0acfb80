with

olo_orders as (
    select * from {{ ref('int_olo_orders') }}
),

anomalies as (
    select * from {{ ref('int_olo_anomalies') }}
),

olo_configs as (
    select * from {{ ref('int_merchant_olo_configs') }}
),

listed_anomalies as (
    select
        olo_order_id,
        {{ dbt.listagg('anomaly', "', '", 'order by ' ~ binary_order('anomaly')) }} as anomalies,
        count(*) as anomaly_count
    from anomalies
    group by olo_order_id
),

final as (
    select
        olo_orders.olo_order_id,
        olo_orders.delivery_id,
        olo_orders.attempt_id,
        olo_orders.order_id,
        olo_orders.merchant_id,
        olo_configs.olo_config_id,

        olo_orders.delivery_match_method,
        olo_orders.reference_count,
        olo_orders.order_count,
        olo_orders.delivery_status,
        olo_orders.delivery_provider,
        olo_orders.current_status,
        olo_configs.olo_providers,
        olo_configs.pickup_instructions,
        listed_anomalies.anomalies,
        coalesce(listed_anomalies.anomaly_count, 0) as anomaly_count,
        olo_orders.request_count,
        olo_orders.response_count,
        olo_orders.unanswered_request_count,
        olo_orders.failed_response_count,
        olo_orders.unreadable_payload_count,
        olo_orders.create_latency_ms,

        olo_orders.is_reference_known,
        olo_orders.has_delivery_conflict,
        olo_orders.is_deleted,

        olo_orders.placed_at,
        olo_orders.requested_at,
        olo_orders.answered_at,
        olo_orders.received_from_olo_at,
        olo_orders.last_response_at
    from olo_orders
    left join listed_anomalies on olo_orders.olo_order_id = listed_anomalies.olo_order_id
    left join olo_configs on olo_orders.merchant_id = olo_configs.merchant_id
)

select * from final

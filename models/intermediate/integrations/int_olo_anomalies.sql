with

olo_orders as (
    select * from {{ ref('int_olo_orders') }}
    where not is_deleted
),

{%- set anomalies = [
    ['olo_order_unanswered', 'unanswered_request_count > 0', 'A request about the order has no response.'],
    ['olo_order_refused', 'response_count > 0 and failed_response_count = response_count', 'Every response to the order said that it failed.'],
    ['olo_order_without_reference', 'request_count > 0 and not is_reference_known and not is_recent', 'OLO sent the order, and no reference leads to a delivery.'],
    ['olo_orphan_reference', "is_reference_known and delivery_match_method = 'none'", 'Neither the delivery nor the attempt of the reference exists.'],
    ['olo_repeated_order', 'reference_count > 1', 'Several deliveries were made of the order.'],
    ['olo_reference_conflict', 'has_delivery_conflict', 'The reference leads to one delivery by its attempt and to another by its id.'],
    ['olo_wrong_id', 'other_id_count > 0', 'Calls name another id in the place of the id of the attempt.'],
] %}

final as (
    {%- for anomaly, condition, reason in anomalies %}
    select
        olo_order_id,
        '{{ anomaly }}' as anomaly,
        '{{ reason }}' as anomaly_reason
    from olo_orders
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final

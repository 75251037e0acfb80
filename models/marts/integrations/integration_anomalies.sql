with

doordash_anomalies as (
    select * from {{ ref('int_doordash_anomalies') }}
),

doordash_deliveries as (
    select * from {{ ref('int_doordash_deliveries') }}
),

olo_anomalies as (
    select * from {{ ref('int_olo_anomalies') }}
),

olo_orders as (
    select * from {{ ref('int_olo_orders') }}
),

attempts as (
    select * from {{ ref('int_delivery_attempts') }}
),

horizon as (
    select * from {{ ref('int_integration_horizon') }}
),

deliveries as (
    select * from {{ ref('stg_deliveries_v3__deliveries') }}
),

delivery_references as (
    select * from {{ ref('int_delivery_references') }}
),

calls as (
    select * from {{ ref('integration_calls') }}
),

merchant_integrations as (
    select * from {{ ref('merchant_integrations') }}
),

of_doordash as (
    select
        doordash_anomalies.anomaly,
        case
            when doordash_deliveries.is_attempt_known or not doordash_deliveries.is_reference_known then 'attempt'
            else 'doordash_reference'
        end as entity_type,
        case
            when doordash_deliveries.is_attempt_known or not doordash_deliveries.is_reference_known then doordash_deliveries.attempt_id
            else doordash_deliveries.doordash_delivery_number
        end as entity_id,
        doordash_deliveries.attempt_id,
        doordash_deliveries.delivery_id,
        doordash_deliveries.merchant_id,
        doordash_deliveries.integration_source,
        doordash_anomalies.anomaly_reason,
        coalesce(doordash_deliveries.started_at, doordash_deliveries.sent_to_doordash_at) as occurred_at
    from doordash_anomalies
    inner join doordash_deliveries on doordash_anomalies.attempt_id = doordash_deliveries.attempt_id
),

of_olo as (
    select
        olo_anomalies.anomaly,
        'olo_order' as entity_type,
        olo_orders.olo_order_id as entity_id,
        olo_orders.attempt_id,
        olo_orders.delivery_id,
        olo_orders.merchant_id,
        'olo' as integration_source,
        olo_anomalies.anomaly_reason,
        coalesce(olo_orders.requested_at, olo_orders.received_from_olo_at) as occurred_at
    from olo_anomalies
    inner join olo_orders on olo_anomalies.olo_order_id = olo_orders.olo_order_id
),

-- the other half of a link that is new may not be replicated yet
dated_attempts as (
    select
        attempts.*,
        coalesce(attempts.started_at > horizon.settled_until, false) as is_new
    from attempts
    cross join horizon
),

of_attempts as (
    select
        case
            when delivery_match_method = 'ambiguous' then 'double_link'
            when not is_attempt_known then 'unknown_attempt'
            else 'orphan_attempt'
        end as anomaly,
        'attempt' as entity_type,
        attempt_id as entity_id,
        attempt_id,
        delivery_id,
        merchant_id,
        integration_source,
        case
            when delivery_match_method = 'ambiguous' then 'The attempt is linked to several deliveries.'
            when not is_attempt_known then 'A delivery is linked to an attempt that does not exist.'
            when delivery_id is null then 'No delivery is linked to the attempt.'
            else 'The attempt is linked to a delivery that does not exist.'
        end as anomaly_reason,
        started_at as occurred_at
    from dated_attempts
    where
        not is_deleted
        and (
            delivery_match_method = 'ambiguous'
            or ((not is_attempt_known or not is_delivery_known) and not is_new)
        )
),

standing_attempts as (
    select distinct delivery_id
    from attempts
    where not is_deleted and delivery_id is not null
),

of_deliveries as (
    select
        'deleted_parent' as anomaly,
        'delivery' as entity_type,
        deliveries.delivery_id as entity_id,
        cast(null as {{ dbt.type_string() }}) as attempt_id,
        deliveries.delivery_id,
        deliveries.merchant_id,
        deliveries.integration_source,
        'The delivery is deleted, and an attempt of it is not.' as anomaly_reason,
        deliveries.created_at as occurred_at
    from deliveries
    inner join standing_attempts on deliveries.delivery_id = standing_attempts.delivery_id
    where deliveries.is_deleted
),

of_references as (
    select
        case when attempt_id is null then 'reference_without_attempt_id' else 'reference_without_olo_order_id' end as anomaly,
        reference_source || '_reference' as entity_type,
        referenced_delivery_id as entity_id,
        attempt_id,
        delivery_id,
        cast(null as {{ dbt.type_string() }}) as merchant_id,
        cast(null as {{ dbt.type_string() }}) as integration_source,
        case
            when attempt_id is null then 'The reference names no attempt.'
            else 'The reference names no order of OLO.'
        end as anomaly_reason,
        referenced_at as occurred_at
    from delivery_references
    where
        not is_deleted
        and (attempt_id is null or (reference_source = 'olo' and olo_order_id is null))
),

of_calls as (
    select
        case
            when not has_readable_payload then direction || '_not_json'
            when payload_findings is not null then direction || '_of_unexpected_shape'
            else 'request_without_attempt'
        end as anomaly,
        provider || '_' || direction as entity_type,
        substr(call_id, length(provider) + length(direction) + 3) as entity_id,
        attempt_id,
        delivery_id,
        merchant_id,
        integration_source,
        case
            when not has_readable_payload then 'The payload is no JSON object that every engine reads alike.'
            when payload_findings is not null then payload_findings
            else pair_reason
        end as anomaly_reason,
        called_at as occurred_at
    from calls
    where
        not is_deleted
        and (not has_readable_payload or payload_findings is not null or outcome = 'unidentified')
),

{%- set settings_anomalies = [
    ['silent_integration', 'is_silent and not is_merchant_deleted and not is_merchant_test', 'Nothing came for more than twice the longest time between its orders.'],
    ['failing_integration', 'is_failing', 'More than half of the requests of the last 7 days failed or had no answer.'],
    ['duplicated_external_id', 'shared_store_count > 0', 'Its external ids name a store that another merchant names too.'],
    ['active_deleted_merchant', 'is_active and is_merchant_deleted', 'It is switched on, and the merchant is deleted.'],
    ['active_test_merchant', 'is_active and is_merchant_test', 'It is switched on, and the merchant exists for tests only.'],
    ['orders_while_inactive', "health_state = 'orders_while_inactive'", 'Orders or deliveries come, and it is not switched on.'],
    ['unknown_merchant', 'is_active and not is_merchant_configured', 'It is switched on, and the configuration has no such merchant.'],
    ['missing_external_id', 'is_active and not is_merchant_deleted and not is_merchant_test and external_id_count = 0', 'It is switched on, and has no external ids.'],
    ['missing_olo_provider', 'is_active and not is_merchant_deleted and not is_merchant_test and olo_provider_count = 0', 'It is switched on, and no OLO configuration of the merchant is linked to a provider.'],
] %}

of_integrations as (
    {%- for anomaly, condition, reason in settings_anomalies %}
    select
        '{{ anomaly }}' as anomaly,
        'integration' as entity_type,
        merchant_id || '/' || integration_source as entity_id,
        cast(null as {{ dbt.type_string() }}) as attempt_id,
        cast(null as {{ dbt.type_string() }}) as delivery_id,
        merchant_id,
        integration_source,
        '{{ reason }}' as anomaly_reason,
        coalesce(last_order_at, last_delivery_at, settings_updated_at) as occurred_at
    from merchant_integrations
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

all_anomalies as (
    select * from of_doordash
    union all
    select * from of_olo
    union all
    select * from of_attempts
    union all
    select * from of_deliveries
    union all
    select * from of_references
    union all
    select * from of_calls
    union all
    select * from of_integrations
),

final as (
    select
        anomaly || ':' || entity_type || ':' || entity_id as anomaly_id,
        attempt_id,
        delivery_id,
        merchant_id,

        anomaly,
        entity_type,
        entity_id,
        integration_source,
        anomaly_reason,

        occurred_at
    from all_anomalies
)

select * from final

with

doordash_deliveries as (
    select * from {{ ref('doordash_deliveries') }}
),

delivery_attempts as (
    select * from {{ ref('delivery_attempts') }}
),

-- an order of another merchant has nothing to do with the cost
delivery_orders as (
    select * from {{ ref('order_delivery_links') }}
    where is_linked and not has_merchant_conflict
),

orders as (
    select * from {{ ref('orders') }}
),

stores as (
    select * from {{ ref('stores') }}
),

merchant_zones as (
    select * from {{ ref('int_merchant_zones') }}
),

entities as (
    select * from {{ ref('legal_entities') }}
    where recorded_on <= cast({{ as_of_timestamp() }} as date) and bears_delivery_costs
),

located as (
    select
        doordash_deliveries.*,
        -- only the present status is kept: of one that changed later it is not known what it was
        coalesce(
            doordash_deliveries.attempt_status = 'COMPLETED'
            and coalesce(delivery_attempts.updated_at <= {{ as_of_timestamp() }}, true),
            false
        ) as is_completed,
        orders.order_id,
        orders.store_id,
        orders.platform,
        coalesce(orders.merchant_id, doordash_deliveries.merchant_id) as order_merchant_id,
        coalesce(doordash_deliveries.currency_code, stores.currency_code) as cost_currency_code,
        coalesce(stores.time_zone, merchant_zones.time_zone, 'UTC') as time_zone,
        coalesce(
            doordash_deliveries.dropped_off_at,
            doordash_deliveries.delivered_seen_at,
            doordash_deliveries.cancelled_at,
            doordash_deliveries.last_response_at,
            doordash_deliveries.sent_to_doordash_at,
            doordash_deliveries.started_at
        ) as incurred_at
    from doordash_deliveries
    left join delivery_attempts on doordash_deliveries.attempt_id = delivery_attempts.attempt_id
    left join delivery_orders on doordash_deliveries.delivery_id = delivery_orders.delivery_id
    left join orders on delivery_orders.order_id = orders.order_id
    left join stores on orders.store_id = stores.store_id
    left join merchant_zones on coalesce(orders.merchant_id, doordash_deliveries.merchant_id) = merchant_zones.merchant_id
),

-- the fee that DoorDash told last is what it charges; of a delivery that ran and whose fee no response told, the quote is the best guess
costed as (
    select
        *,
        case
            when charged_fee_cents is not null then 'charged'
            when (dropped_off_at is not null or is_completed) and quoted_fee_cents is not null then 'quoted'
            when is_create_refused then 'none'
            else 'unknown'
        end as cost_basis
    from located
),

final as (
    select
        costed.attempt_id,
        costed.delivery_id,
        costed.order_id,
        costed.store_id,
        costed.order_merchant_id as merchant_id,
        costed.doordash_delivery_id,

        costed.platform,
        entities.legal_entity,
        costed.cost_currency_code as currency_code,
        costed.current_status,
        costed.cancellation_reason,
        costed.cost_basis,

        costed.quoted_fee_cents,
        costed.charged_fee_cents,
        case costed.cost_basis
            when 'charged' then costed.charged_fee_cents
            when 'quoted' then costed.quoted_fee_cents
            when 'none' then 0
        end as accrued_cents,

        costed.is_cancelled,
        costed.is_cancelled and coalesce(costed.charged_fee_cents, 0) <> 0 as is_charged_though_cancelled,

        cast({{ local_timestamp('costed.incurred_at', 'costed.time_zone') }} as date) as cost_date,
        costed.incurred_at
    from costed
    left join entities on costed.cost_currency_code = entities.currency_code
    where coalesce(costed.incurred_at <= {{ as_of_timestamp() }}, true)
)

select * from final

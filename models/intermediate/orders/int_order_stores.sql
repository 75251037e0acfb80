{{ config(materialized='table') }}

with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing'
),

store_map as (
    select * from {{ ref('store_map') }}
    where recorded_on <= cast({{ as_of_timestamp() }} as date)
),

store_merchants as (
    select * from {{ ref('int_store_merchants') }}
),

orders as (
    select
        order_id,
        platform,
        partner_store_code,
        placed_at
    from versions
),

candidates as (
    select
        orders.order_id,
        store_map.platform_store_id,
        store_map.merchant_id,
        store_map.time_zone,
        store_map.currency_code,
        cast({{ local_timestamp('orders.placed_at', 'store_map.time_zone') }} as date) as order_date
    from orders
    inner join store_map
        on orders.platform = store_map.platform
        and orders.partner_store_code in (store_map.partner_store_code, store_map.platform_store_id)
        and cast({{ local_timestamp('orders.placed_at', 'store_map.time_zone') }} as date)
        between store_map.valid_from and coalesce(store_map.valid_to, date '9999-12-31')
),

-- a code that two stores bear on one day maps to neither
mapped as (
    select
        order_id,
        max(platform_store_id) as platform_store_id,
        max(merchant_id) as merchant_id,
        max(time_zone) as time_zone,
        max(currency_code) as currency_code,
        max(order_date) as order_date
    from candidates
    group by order_id
    having count(distinct platform_store_id) = 1
),

-- what the integrations say of a store holds for the days that the store map gives to its present merchant
final as (
    select
        orders.order_id,
        orders.platform || ':' || mapped.platform_store_id as store_id,
        case
            when mapped.merchant_id = store_merchants.store_map_merchant_id then store_merchants.merchant_id
            else mapped.merchant_id
        end as merchant_id,

        orders.platform,
        mapped.platform_store_id,
        orders.partner_store_code,
        mapped.time_zone,
        mapped.currency_code as store_currency_code,

        mapped.platform_store_id is not null as is_store_known,

        coalesce(mapped.order_date, cast(orders.placed_at as date)) as order_date
    from orders
    left join mapped on orders.order_id = mapped.order_id
    left join store_merchants
        on orders.platform = store_merchants.platform
        and mapped.platform_store_id = store_merchants.platform_store_id
)

select * from final

{{ config(materialized='table') }}

-- what is known of stores on the day that the warehouse is looked at from, as one short text: where it changes, every order is mapped anew
with

store_map as (
    select * from {{ ref('int_store_map') }}
),

store_merchants as (
    select
        platform,
        platform_store_id,
        store_map_merchant_id,
        merchant_id
    from {{ ref('int_store_merchants') }}
),

final as (
    {{ rows_reading(['store_map', 'store_merchants']) }}
)

select * from final

-- a merchant with stores in several zones has none of its own
with

stores as (
    select * from {{ ref('int_store_merchants') }}
),

final as (
    select
        merchant_id,

        max(time_zone) as time_zone
    from stores
    where merchant_id is not null
    group by merchant_id
    having count(distinct time_zone) = 1
)

select * from final

with

store_merchants as (
    select * from {{ ref('int_store_merchants') }}
),

final as (
    select
        store_id,
        merchant_id,

        platform,
        platform_store_id,
        partner_store_code,
        store_name,
        time_zone,
        currency_code,
        merchant_match_method,
        merchant_match_reason,
        external_id_merchant_id,
        store_map_merchant_id,
        external_id_merchant_count,

        has_merchant_conflict,
        is_mapped_today
    from store_merchants
)

select * from final

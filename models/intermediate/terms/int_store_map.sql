-- which merchant each platform store belongs to, as it is known on the day that the warehouse is looked at from
with

store_map as (
    select * from {{ ref('store_map') }}
),

final as (
    {{ known_terms(
        'store_map',
        keys=['platform', 'platform_store_id'],
        columns=[
            'platform', 'platform_store_id', 'partner_store_code', 'store_name',
            'merchant_id', 'time_zone', 'currency_code',
        ],
    ) }}
)

select * from final

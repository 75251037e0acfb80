-- which store each other name is of, as it is known on the day that the warehouse is looked at from
with

store_aliases as (
    select * from {{ ref('store_aliases') }}
),

final as (
    {{ known_terms(
        'store_aliases',
        keys=['platform', 'store_name'],
        columns=['platform', 'platform_store_id', 'store_name'],
    ) }}
)

select * from final

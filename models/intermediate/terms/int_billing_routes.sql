-- how each charge is billed, as it is known on the day that the warehouse is looked at from
with

billing_routes as (
    select * from {{ ref('billing_routes') }}
),

final as (
    {{ known_terms(
        'billing_routes',
        keys=['platform', 'platform_store_id', 'charge_type'],
        columns=['billing_route_id', 'platform', 'platform_store_id', 'charge_type', 'billed_by'],
    ) }}
)

select * from final

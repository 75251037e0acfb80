-- how far an amount may be off and count as rounding, as it is known on the day that the warehouse is looked at from
with

tolerances as (
    select * from {{ ref('tolerances') }}
),

final as (
    {{ known_terms(
        'tolerances',
        keys=['platform'],
        columns=['tolerance_id', 'platform', 'rounding_cents', 'rounding_cap_cents'],
    ) }}
)

select * from final

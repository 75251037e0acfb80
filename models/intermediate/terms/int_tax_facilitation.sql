-- what platforms withhold of sales tax, as it is known on the day that the warehouse is looked at from
with

tax_facilitation as (
    select * from {{ ref('tax_facilitation') }}
),

final as (
    {{ known_terms(
        'tax_facilitation',
        keys=['platform', 'platform_store_id'],
        columns=['tax_facilitation_id', 'platform', 'platform_store_id', 'treatment', 'withheld_share_bps'],
    ) }}
)

select * from final

-- what of each order's sale departs from its expectation, charge by charge, each cent in one class
with

components as (
    select * from {{ ref('int_order_components') }}
    where residual_cents <> 0
),

fee_claims as (
    select * from {{ ref('int_fee_claims') }}
),

has_unknown as (
    select distinct order_id
    from {{ ref('int_order_components') }}
    where is_unknown
),

other_claims as (
    select
        components.order_id,
        components.charge_type,
        case
            when components.is_unknown then 'unverified'
            when has_unknown.order_id is not null and components.charge_type in ('discount', 'platform_funding', 'third_party_funding', 'commission', 'processing_fee')
                then 'unverified'
            when components.charge_type in ('discount', 'platform_funding', 'third_party_funding') then 'promotion_funding'
            when components.charge_type in ('tax', 'tax_withheld') and abs(components.residual_cents) = 1 then 'tax_rounding'
            when components.charge_type in ('tax', 'tax_withheld') then 'tax_treatment'
            when components.charge_type = 'tip' then 'tip'
            when components.charge_type = 'remainder' then 'remainder'
            else 'unexplained'
        end as break_class,
        cast(null as {{ dbt.type_string() }}) as caused_by,
        components.residual_cents as claimed_cents
    from components
    left join has_unknown on components.order_id = has_unknown.order_id
    where components.charge_type not in ('commission', 'processing_fee') or has_unknown.order_id is not null
),

final as (
    select * from other_claims
    union all
    select
        order_id,
        charge_type,
        break_class,
        caused_by,
        claimed_cents
    from fee_claims
)

select * from final

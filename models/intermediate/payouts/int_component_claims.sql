-- what of each order's sale departs from its expectation, charge by charge, each cent in one class
with

components as (
    select * from {{ ref('int_order_components') }}
    where residual_cents <> 0
),

fee_claims as (
    select * from {{ ref('int_fee_claims') }}
),

tax_claims as (
    select * from {{ ref('int_tax_claims') }}
),

tolerances as (
    select * from {{ ref('int_order_tolerances') }}
),

-- a charge that nobody can know leaves those unknown that are made of it; a sale that nobody can know leaves all
unknown as (
    select
        order_id,
        max(case when charge_type = 'sales' then 1 else 0 end) = 1 as is_sale_unknown
    from {{ ref('int_order_components') }}
    where is_unknown
    group by order_id
),

-- of a sale that is stated and taken back whole no part says why
taken_back as (
    select order_id
    from {{ ref('int_order_components') }}
    group by order_id
    having max(abs(stated_cents)) = 0
),

judged as (
    select
        components.order_id,
        components.charge_type,
        components.residual_cents,
        coalesce(
            components.is_unknown
            or unknown.is_sale_unknown
            or (
                unknown.order_id is not null
                and components.charge_type in ('discount', 'platform_funding', 'third_party_funding', 'commission', 'processing_fee')
            ),
            false
        ) as is_unverifiable,
        components.charge_type in ({{ "'" ~ expected_charge_types() | join("', '") ~ "'" }}) as is_expected_type,
        unknown.order_id is null and components.charge_type in ('commission', 'delivery_commission', 'processing_fee') as is_known_fee,
        taken_back.order_id is not null as is_taken_back
    from components
    left join unknown on components.order_id = unknown.order_id
    left join taken_back on components.order_id = taken_back.order_id
),

other_claims as (
    select
        judged.order_id,
        judged.charge_type,
        case
            when judged.is_unverifiable then 'unverified'
            when judged.is_taken_back then 'unexplained'
            when judged.charge_type in ('discount', 'platform_funding', 'third_party_funding') then 'promotion_funding'
            when judged.charge_type = 'tip' then 'tip'
            when judged.charge_type = 'remainder' then 'remainder'
            when judged.charge_type = 'delivery_commission' and abs(judged.residual_cents) <= tolerances.rounding_cents then 'rounding'
            when judged.is_expected_type then 'unexplained'
            else 'unverified'
        end as break_class,
        cast(null as {{ dbt.type_string() }}) as caused_by,
        judged.residual_cents as claimed_cents
    from judged
    inner join tolerances on judged.order_id = tolerances.order_id
    where
        judged.is_taken_back
        or (not judged.is_known_fee and (judged.is_unverifiable or judged.charge_type not in ('tax', 'tax_withheld')))
),

claims as (
    select * from other_claims
    union all
    select
        fee_claims.order_id,
        fee_claims.charge_type,
        fee_claims.break_class,
        fee_claims.caused_by,
        fee_claims.claimed_cents
    from fee_claims
    left join taken_back on fee_claims.order_id = taken_back.order_id
    where taken_back.order_id is null
    union all
    select
        tax_claims.order_id,
        tax_claims.charge_type,
        tax_claims.break_class,
        cast(null as {{ dbt.type_string() }}),
        tax_claims.claimed_cents
    from tax_claims
    inner join judged
        on tax_claims.order_id = judged.order_id
        and tax_claims.charge_type = judged.charge_type
        and not judged.is_unverifiable
        and not judged.is_taken_back
),

-- rounding counts up to a store's cap in a pay period, from its first order on
rounded as (
    select
        claims.order_id,
        claims.charge_type,
        claims.break_class,
        tolerances.rounding_cap_cents,
        sum(abs(claims.claimed_cents)) over (
            partition by tolerances.platform, tolerances.store_id, tolerances.currency_code, tolerances.pay_period_start_date
            order by tolerances.order_date, {{ binary_order('claims.order_id') }}, {{ binary_order('claims.charge_type') }}
            rows unbounded preceding
        ) as rounding_so_far_cents
    from claims
    inner join tolerances on claims.order_id = tolerances.order_id
    where claims.break_class in ('rounding', 'tax_rounding')
),

beyond_cap as (
    select * from rounded
    where rounding_so_far_cents > rounding_cap_cents
),

final as (
    select
        claims.order_id,
        claims.charge_type,
        case
            when beyond_cap.order_id is null then claims.break_class
            when claims.charge_type = 'processing_fee' then 'processing_fee'
            else 'unexplained'
        end as break_class,
        claims.caused_by,

        claims.claimed_cents
    from claims
    left join beyond_cap
        on claims.order_id = beyond_cap.order_id
        and claims.charge_type = beyond_cap.charge_type
        and claims.break_class = beyond_cap.break_class
)

select * from final

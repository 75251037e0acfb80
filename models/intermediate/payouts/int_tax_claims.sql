-- what of each order's tax departs from its expectation: what a refund gives back, a cent, passed on where it should be withheld or the
-- reverse, or neither
with

components as (
    select * from {{ ref('int_order_components') }}
    where charge_type in ('tax', 'tax_withheld') and residual_cents <> 0
),

amounts as (
    select * from {{ ref('int_expected_amounts') }}
),

tolerances as (
    select * from {{ ref('int_order_tolerances') }}
),

-- a refund inside the sale gives back its tax, and what was withheld of it
refund_taxes as (
    select
        order_id,
        stated_cents as refund_tax_cents
    from {{ ref('int_order_components') }}
    where charge_type = 'refund_tax' and stated_cents <> 0
),

-- the charge that shows how tax was treated, and what it is where all of it is passed on (a report that shows no more than that) or
-- withheld (a report that shows both): the opposite is nothing
treatments as (
    select
        components.order_id,
        components.charge_type,
        components.stated_cents,
        components.expected_cents,
        components.residual_cents,
        tolerances.rounding_cents,
        refund_taxes.order_id is not null as is_of_refund,
        case
            when amounts.tax_presentation = 'net' and components.charge_type = 'tax' then amounts.document_tax_cents
            when amounts.tax_presentation = 'gross' and components.charge_type = 'tax_withheld' then -amounts.document_tax_cents
        end as whole_cents
    from components
    inner join amounts on components.order_id = amounts.order_id
    inner join tolerances on components.order_id = tolerances.order_id
    left join refund_taxes
        on components.order_id = refund_taxes.order_id
        and components.charge_type = 'tax_withheld'
        and components.residual_cents = -refund_taxes.refund_tax_cents
),

tied as (
    select
        treatments.*,
        case
            when is_of_refund then null
            when abs(residual_cents) <= rounding_cents then expected_cents
            when abs(stated_cents - whole_cents) <= rounding_cents then whole_cents
            when whole_cents is not null and abs(stated_cents) <= rounding_cents then 0
        end as tied_cents
    from treatments
),

claims as (
    select
        order_id,
        charge_type,
        'tax_treatment' as break_class,
        tied_cents - expected_cents as claimed_cents
    from tied
    where tied_cents is not null
    union all
    select
        order_id,
        charge_type,
        'tax_rounding' as break_class,
        stated_cents - tied_cents as claimed_cents
    from tied
    where tied_cents is not null
    union all
    select
        order_id,
        charge_type,
        case when is_of_refund then 'unverified' else 'unexplained' end as break_class,
        residual_cents as claimed_cents
    from tied
    where tied_cents is null
),

final as (
    select
        order_id,
        charge_type,
        break_class,

        claimed_cents
    from claims
    where claimed_cents <> 0
)

select * from final

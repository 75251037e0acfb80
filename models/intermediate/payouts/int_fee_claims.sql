-- what of each order's fees departs from the contract, and why: the promotion that moved the base, then the fee itself
with

fee_bases as (
    select * from {{ ref('int_order_fee_bases') }}
    where not has_unknown
),

components as (
    select * from {{ ref('int_order_components') }}
),

tolerances as (
    select * from {{ ref('int_order_tolerances') }}
),

commission_claims as (
    select * from {{ ref('int_commission_claims') }}
),

residuals as (
    select
        order_id,
        coalesce({{ sum_cents("case when charge_type = 'processing_fee' then residual_cents end") }}, 0) as processing_fee_cents
    from components
    group by order_id
),

knocked_on as (
    select
        fee_bases.order_id,
        tolerances.rounding_cents,
        residuals.processing_fee_cents,
        {{ share_of_cents('fee_bases.commission_base_cents', 'fee_bases.commission_rate_bps') }}
        - {{ share_of_cents('fee_bases.stated_base_cents', 'fee_bases.commission_rate_bps') }} as commission_knock_on_cents,
        {{ share_of_cents('fee_bases.processing_base_cents', 'fee_bases.processing_rate_bps') }}
        - {{ share_of_cents('fee_bases.stated_processing_base_cents', 'fee_bases.processing_rate_bps') }} as processing_knock_on_cents
    from fee_bases
    inner join residuals on fee_bases.order_id = residuals.order_id
    inner join tolerances on fee_bases.order_id = tolerances.order_id
),

claims as (
    select
        order_id,
        'commission' as charge_type,
        'promotion_funding' as break_class,
        'promotion_funding' as caused_by,
        commission_knock_on_cents as claimed_cents
    from knocked_on
    union all
    select
        order_id,
        'processing_fee' as charge_type,
        'promotion_funding' as break_class,
        'promotion_funding' as caused_by,
        processing_knock_on_cents as claimed_cents
    from knocked_on
    union all
    select
        order_id,
        charge_type,
        break_class,
        null as caused_by,
        claimed_cents
    from commission_claims
    union all
    select
        order_id,
        'processing_fee' as charge_type,
        case
            when abs(processing_fee_cents - processing_knock_on_cents) <= rounding_cents then 'rounding'
            else 'processing_fee'
        end as break_class,
        null as caused_by,
        processing_fee_cents - processing_knock_on_cents as claimed_cents
    from knocked_on
),

final as (
    select
        order_id,
        charge_type,
        break_class,
        caused_by,

        claimed_cents
    from claims
    where claimed_cents <> 0
)

select * from final

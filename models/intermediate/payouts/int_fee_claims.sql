-- what of each order's fees departs from the contract, and why: the promotion that moved the base, another rate, another base, a cent
{%- set named_bases = [
    'items_cents', 'items_less_merchant_discount_cents', 'items_less_all_discounts_cents', 'items_plus_tax_cents', 'items_plus_tax_less_discount_cents',
    'merchant_total_less_merchant_discount_cents', 'total_cents',
] %}
with

fee_bases as (
    select * from {{ ref('int_order_fee_bases') }}
),

components as (
    select * from {{ ref('int_order_components') }}
),

fitted_rates as (
    select * from {{ ref('int_fitted_commission_rates') }}
),

residuals as (
    select
        order_id,
        coalesce({{ sum_cents("case when charge_type = 'commission' then residual_cents end") }}, 0) as commission_residual_cents,
        coalesce({{ sum_cents("case when charge_type = 'processing_fee' then residual_cents end") }}, 0) as processing_residual_cents
    from components
    group by order_id
),

knocked_on as (
    select
        fee_bases.*,
        residuals.commission_residual_cents,
        residuals.processing_residual_cents,
        fitted_rates.rate_bps as fitted_rate_bps,
        {{ share_of_cents('fee_bases.commission_base_cents', 'fee_bases.commission_rate_bps') }}
        - {{ share_of_cents('fee_bases.stated_base_cents', 'fee_bases.commission_rate_bps') }} as commission_knock_on_cents,
        {{ share_of_cents('fee_bases.processing_base_cents', 'fee_bases.processing_rate_bps') }}
        - {{ share_of_cents('fee_bases.stated_processing_base_cents', 'fee_bases.processing_rate_bps') }} as processing_knock_on_cents
    from fee_bases
    inner join residuals on fee_bases.order_id = residuals.order_id
    left join fitted_rates
        on fee_bases.store_id = fitted_rates.store_id
        and fee_bases.fee_schedule_id = fitted_rates.fee_schedule_id
        and fee_bases.pay_period_start_date = fitted_rates.pay_period_start_date
    where not fee_bases.has_unknown
),

-- the store's rate of that week explains an order where it brings the order's commission nearer to what is stated
rated as (
    select
        knocked_on.*,
        case
            when
                fitted_rate_bps is not null
                and abs(commission_cents - {{ share_of_cents('stated_base_cents', 'fitted_rate_bps') }})
                < abs(commission_cents - {{ share_of_cents('stated_base_cents', 'commission_rate_bps') }})
                then {{ share_of_cents('stated_base_cents', 'commission_rate_bps') }} - {{ share_of_cents('stated_base_cents', 'fitted_rate_bps') }}
            else 0
        end as rate_cents
    from knocked_on
),

left_over as (
    select
        rated.*,
        commission_residual_cents - commission_knock_on_cents - rate_cents as commission_left_cents,
        processing_residual_cents - processing_knock_on_cents as processing_left_cents
    from rated
),

based as (
    select
        left_over.*,
        case
            {%- for base in named_bases %}
            when commission_cents = {{ share_of_cents(base, 'commission_rate_bps') }} then true
            {%- endfor %}
            else false
        end as has_other_base
    from left_over
),

claims as (
    select order_id, 'commission' as charge_type, 'promotion_funding' as break_class, 'promotion_funding' as caused_by, commission_knock_on_cents as claimed_cents
    from based
    union all
    select order_id, 'processing_fee', 'promotion_funding', 'promotion_funding', processing_knock_on_cents from based
    union all
    select order_id, 'commission', 'commission_rate', null, rate_cents from based
    union all
    select
        order_id,
        'commission',
        case
            when abs(commission_left_cents) = 1 then 'rounding'
            when has_other_base then 'commission_base'
            else 'unexplained'
        end,
        null,
        commission_left_cents
    from based
    union all
    select order_id, 'processing_fee', 'processing_fee', null, processing_left_cents from based
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

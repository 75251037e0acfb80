-- the bases that a stated fee can have been taken of: with the discounts that the statement shows rather than those expected
with

components as (
    select * from {{ ref('int_order_components') }}
),

amounts as (
    select * from {{ ref('int_expected_amounts') }}
),

order_stores as (
    select * from {{ ref('int_order_stores') }}
),

pay_periods as (
    select * from {{ ref('int_pay_periods') }}
),

stated as (
    select
        order_id,
        coalesce(
            {{ sum_cents("case when charge_type in ('discount', 'platform_funding', 'third_party_funding') then residual_cents end") }}, 0
        ) as funding_residual_cents,
        coalesce({{ sum_cents("case when charge_type = 'discount' then residual_cents end") }}, 0) as discount_residual_cents,
        -coalesce({{ sum_cents("case when charge_type = 'commission' then stated_cents end") }}, 0) as commission_cents,
        -coalesce({{ sum_cents("case when charge_type = 'delivery_commission' then stated_cents end") }}, 0) as delivery_commission_cents,
        max(case when is_unknown then 1 else 0 end) = 1 as has_unknown
    from components
    group by order_id
),

final as (
    select
        stated.order_id,
        amounts.store_id,
        amounts.fee_schedule_id,

        amounts.commission_rate_bps,
        amounts.delivery_commission_rate_bps,
        amounts.processing_rate_bps,
        pay_periods.pay_period_start_date,

        stated.commission_cents,
        stated.delivery_commission_cents,
        amounts.commission_base_cents,
        amounts.commission_base_cents
        + case
            when amounts.commission_base = 'items_less_merchant_discount' then stated.funding_residual_cents
            else 0
        end as stated_base_cents,
        amounts.processing_base_cents,
        amounts.processing_base_cents + case amounts.processing_base
            when 'items_plus_tax_less_discount' then stated.discount_residual_cents
            when 'merchant_total_less_merchant_discount' then stated.funding_residual_cents
            else 0
        end as stated_processing_base_cents,
        amounts.items_cents,
        amounts.items_cents - amounts.merchant_discount_cents + stated.funding_residual_cents as items_less_merchant_discount_cents,
        amounts.items_cents - amounts.all_discounts_cents + stated.discount_residual_cents as items_less_all_discounts_cents,
        amounts.items_cents + amounts.document_tax_cents as items_plus_tax_cents,
        amounts.items_cents + amounts.document_tax_cents
        - amounts.all_discounts_cents + stated.discount_residual_cents as items_plus_tax_less_discount_cents,
        amounts.items_cents + amounts.document_tax_cents + amounts.tip_cents + amounts.delivery_fee_cents + amounts.delivery_fee_tax_cents
        + amounts.bag_fee_cents
        - amounts.merchant_discount_cents + stated.funding_residual_cents as merchant_total_less_merchant_discount_cents,
        amounts.total_cents,

        stated.has_unknown
    from stated
    inner join amounts on stated.order_id = amounts.order_id
    inner join order_stores on amounts.order_id = order_stores.order_id
    -- the platform pays the store: what the document names changes no holiday
    left join pay_periods
        on amounts.platform = pay_periods.platform
        and coalesce(order_stores.store_currency_code, amounts.currency_code) = pay_periods.currency_code
        and amounts.order_date = pay_periods.day
)

select * from final

{%- set columns_of_charges = [] -%}
{%- for charge_type in expected_charge_types() -%}
{%- do columns_of_charges.append('amounts.' ~ charge_type ~ '_cents') -%}
{%- endfor -%}
{%- set amounts_of_all_charges = columns_of_charges | join(' + ') -%}
{%- set fees = 'amounts.commission_cents + amounts.delivery_commission_cents + amounts.processing_fee_cents' -%}
{#- what a platform may have summed, from the likeliest on; the first that is equal to the cent is told -#}
{%- set compositions = [
    ['expected', 'expected.expected_cents'],
    ['expected_if_paid', amounts_of_all_charges],
    ['expected_before_fees', amounts_of_all_charges ~ ' - (' ~ fees ~ ')'],
    ['expected_before_processing_fee', amounts_of_all_charges ~ ' - amounts.processing_fee_cents'],
    ['expected_without_tip', amounts_of_all_charges ~ ' - amounts.tip_cents'],
    ['expected_with_tax_withheld', amounts_of_all_charges ~ ' - amounts.tax_cents - amounts.tax_withheld_cents + amounts.document_tax_cents'],
    ['expected_without_tax', amounts_of_all_charges ~ ' - amounts.tax_cents - amounts.tax_withheld_cents'],
    ['items', 'amounts.items_cents'],
    ['items_less_merchant_discount', 'amounts.items_cents - amounts.merchant_discount_cents'],
    ['items_less_all_discounts', 'amounts.items_cents - amounts.all_discounts_cents'],
    ['items_less_commission', 'amounts.items_cents + amounts.commission_cents'],
    ['items_plus_tax', 'amounts.items_cents + amounts.document_tax_cents'],
    ['document_total', 'amounts.total_cents'],
] -%}
with

financials as (
    select * from {{ ref('order_financials') }}
    where totals_merchant_total_cents is not null
),

amounts as (
    select * from {{ ref('int_expected_amounts') }}
    where payment_rule <> 'not_yet'
),

expected_charges as (
    select * from {{ ref('expected_charges') }}
),

-- one charge that nobody can know makes the whole unknown
expected as (
    select
        order_id,
        case when sum(case when expected_cents is null then 1 else 0 end) = 0 then {{ sum_cents('expected_cents') }} end as expected_cents
    from expected_charges
    group by order_id
),

compared as (
    select
        financials.order_id,
        financials.totals_merchant_total_cents as merchant_total_cents,
        amounts.document_id,
        amounts.store_id,
        amounts.merchant_id,
        amounts.platform,
        amounts.currency_code,
        amounts.order_date,
        expected.expected_cents,
        case financials.totals_merchant_total_cents
            {%- for composition, cents in compositions %}
            when {{ cents }} then '{{ composition }}'
            {%- endfor %}
        end as composition
    from financials
    inner join amounts on financials.order_id = amounts.order_id
    left join expected on financials.order_id = expected.order_id
),

final as (
    select
        order_id,
        document_id,
        store_id,
        merchant_id,

        platform,
        currency_code,
        composition,

        merchant_total_cents,
        expected_cents,
        merchant_total_cents - expected_cents as difference_cents,

        order_date
    from compared
)

select * from final

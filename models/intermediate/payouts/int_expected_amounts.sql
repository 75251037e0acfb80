-- what each order should bring, an amount a charge type side by side: docs/expected_ledger.md
with

amounts as (
    select * from {{ ref('int_order_amounts') }}
),

order_stores as (
    select * from {{ ref('int_order_stores') }}
),

terms as (
    select * from {{ ref('int_order_terms') }}
),

-- what of the receipts is the merchant's: a tip when it delivers or on pick-up, a delivery fee when it delivers
merchant_receipts as (
    select
        amounts.order_id,
        amounts.document_id,
        order_stores.store_id,
        order_stores.merchant_id,
        order_stores.platform,
        coalesce(amounts.document_currency_code, order_stores.store_currency_code) as currency_code,
        order_stores.order_date,
        terms.tax_presentation,
        terms.discount_presentation,
        terms.fee_schedule_id,
        terms.tax_facilitation_id,
        terms.payment_rule,
        terms.commission_rate_bps,
        terms.commission_base,
        terms.delivery_commission_rate_bps,
        terms.processing_rate_bps,
        terms.processing_fixed_cents,
        terms.processing_base,
        terms.withheld_share_bps,
        amounts.items_cents,
        amounts.merchant_discount_cents,
        amounts.platform_discount_cents,
        amounts.third_party_discount_cents,
        amounts.merchant_discount_cents + amounts.platform_discount_cents + amounts.third_party_discount_cents as discount_cents,
        amounts.tax_cents,
        {{ share_of_cents('amounts.tax_cents', 'terms.withheld_share_bps') }} as withheld_tax_cents,
        case when amounts.fulfilment in ('self_delivery', 'pickup') then amounts.tip_cents else 0 end as tip_cents,
        case when amounts.fulfilment = 'self_delivery' then amounts.delivery_fee_cents else 0 end as delivery_fee_cents,
        case when amounts.fulfilment = 'self_delivery' then amounts.delivery_fee_tax_cents else 0 end as delivery_fee_tax_cents,
        amounts.bag_fee_cents,
        amounts.total_cents,
        amounts.received_at
    from amounts
    inner join order_stores on amounts.order_id = order_stores.order_id
    inner join terms on amounts.order_id = terms.order_id
),

bases as (
    select
        merchant_receipts.*,
        case commission_base
            when 'items' then items_cents
            when 'items_less_merchant_discount' then items_cents - merchant_discount_cents
            when 'none' then 0
        end as commission_base_cents,
        case processing_base
            when 'items_plus_tax_less_discount' then items_cents + tax_cents - discount_cents
            when 'merchant_total_less_merchant_discount'
                then items_cents + tax_cents + tip_cents + delivery_fee_cents + delivery_fee_tax_cents + bag_fee_cents - merchant_discount_cents
            when 'receipts' then total_cents
            when 'none' then 0
        end as processing_base_cents
    from merchant_receipts
),

final as (
    select
        order_id,
        document_id,
        fee_schedule_id,
        tax_facilitation_id,
        store_id,
        merchant_id,

        platform,
        currency_code,
        tax_presentation,
        payment_rule,
        commission_base,
        commission_rate_bps,
        delivery_commission_rate_bps,
        processing_base,
        processing_rate_bps,
        withheld_share_bps,

        commission_base_cents,
        processing_base_cents,
        items_cents,
        merchant_discount_cents,
        merchant_discount_cents + platform_discount_cents + third_party_discount_cents as all_discounts_cents,
        total_cents,
        processing_fixed_cents,
        tax_cents as document_tax_cents,
        case when tax_presentation <> 'receipts' then items_cents else 0 end as sales_cents,
        case tax_presentation
            when 'net' then tax_cents - withheld_tax_cents
            when 'gross' then tax_cents
            else 0
        end as tax_cents,
        case when tax_presentation = 'gross' then -withheld_tax_cents else 0 end as tax_withheld_cents,
        case
            when discount_presentation = 'receipts' then 0
            when discount_presentation = 'merchant_share' then -merchant_discount_cents
            else -discount_cents
        end as discount_cents,
        case
            when discount_presentation = 'all_funders_together' then platform_discount_cents + third_party_discount_cents
            when discount_presentation = 'all_funders_apart' then platform_discount_cents
            else 0
        end as platform_funding_cents,
        case when discount_presentation = 'all_funders_apart' then third_party_discount_cents else 0 end as third_party_funding_cents,
        case when tax_presentation = 'receipts' then 0 else tip_cents end as tip_cents,
        case when tax_presentation = 'receipts' then 0 else delivery_fee_cents end as delivery_fee_cents,
        case when tax_presentation = 'receipts' then 0 else delivery_fee_tax_cents end as delivery_fee_tax_cents,
        case when tax_presentation = 'receipts' then 0 else bag_fee_cents end as bag_fee_cents,
        case when tax_presentation = 'receipts' then total_cents else 0 end as receipts_cents,
        -{{ share_of_cents('commission_base_cents', 'commission_rate_bps') }} as commission_cents,
        -{{ share_of_cents('items_cents', 'delivery_commission_rate_bps') }} as delivery_commission_cents,
        case
            when processing_base = 'none' then 0
            else -({{ share_of_cents('processing_base_cents', 'processing_rate_bps') }} + processing_fixed_cents)
        end as processing_fee_cents,

        order_date,
        received_at
    from bases
)

select * from final

{{ config(incremental_strategy='delete+insert', unique_key='order_id', indexes=lookup_indexes(['order_id', 'loaded_at'])) }}

{%- set newly_loaded = is_newly_loaded() %}

-- what a document holds was loaded at the moment that its version was
with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing' and {{ newly_loaded }}
),

documents as (
    select * from {{ ref('int_order_documents') }}
    where {{ newly_loaded }}
),

final as (
    select
        versions.order_id,
        versions.document_id,

        documents.taxes_tax_source,
        documents.tip_type,
        documents.platform_metadata_commission_type,
        documents.platform_metadata_subtotal_discount_funding_source,
        documents.platform_metadata_store_order_cart_id,
        documents.platform_metadata_currency_code,

        documents.totals_subtotal as totals_subtotal_cents,
        documents.totals_total as totals_total_cents,
        documents.totals_grand_total as totals_grand_total_cents,
        documents.totals_merchant_total as totals_merchant_total_cents,
        documents.totals_diner_grand_total as totals_diner_grand_total_cents,
        documents.totals_adjusted_grand_total as totals_adjusted_grand_total_cents,
        documents.totals_subtotal_before_coupons as totals_subtotal_before_coupons_cents,
        documents.taxes_total as taxes_total_cents,
        documents.taxes_sales as taxes_sales_cents,
        documents.taxes_delivery as taxes_delivery_cents,
        documents.taxes_restaurant as taxes_restaurant_cents,
        documents.taxes_merchant_total as taxes_merchant_total_cents,
        documents.taxes_merchant_sales_total as taxes_merchant_sales_total_cents,
        documents.tax_remittance_tax_remitted_by_platform as tax_remittance_tax_remitted_by_platform_cents,
        documents.tip_amount as tip_amount_cents,
        documents.fees_total as fees_total_cents,
        documents.fees_delivery as fees_delivery_cents,
        documents.fees_delivery_tax as fees_delivery_tax_cents,
        documents.fees_small_order as fees_small_order_cents,
        documents.fees_small_order_tax as fees_small_order_tax_cents,
        documents.fees_total_fee_tax as fees_total_fee_tax_cents,
        documents.fees_bag_fee as fees_bag_fee_cents,
        documents.fees_pick_and_pack_fee as fees_pick_and_pack_fee_cents,
        documents.payments_total as payments_total_cents,
        documents.payments_adjusted_total as payments_adjusted_total_cents,
        documents.promotions_loyalty_rewards_rewards_total as promotions_loyalty_rewards_rewards_total_cents,
        documents.promotions_total_promo_applied as promotions_total_promo_applied_cents,
        documents.promotions_subtotal_promo_applied as promotions_subtotal_promo_applied_cents,
        documents.promotions_tax_promo_applied as promotions_tax_promo_applied_cents,
        documents.platform_metadata_subtotal_for_tax as platform_metadata_subtotal_for_tax_cents,
        documents.platform_metadata_restaurant_subtotal as platform_metadata_restaurant_subtotal_cents,

        documents.has_raw_platform_financials,
        documents.tax_remittance_is_tax_remitted_by_platform as is_tax_remitted_by_platform,
        documents.platform_metadata_is_demand_gen as is_demand_generated,
        documents.platform_metadata_tax_withheld as is_tax_withheld,

        versions.loaded_at
    from versions
    inner join documents on versions.document_id = documents.document_id
)

select * from final

{#
  What a document says of itself in two ways: [identity, stated, computed], both SQL over int_order_part_totals in cents; of an identity that
  each item or modifier states by itself also the column that counts those of which it does not hold.
  Where a part is not known an expression is null, and the identity does not apply. Returns: list of lists.
  The parts: order-schema (current and previous); a promotion may touch the subtotal or not, and only rawPlatformFinancials tells.
  Nothing says whether coupons and loyalty rewards are among the applied discounts.
#}
{% macro document_identities() %}
    {%- set promotions_on_subtotal -%}
        case
            when promotions_subtotal_promo_applied_cents is not null then promotions_subtotal_promo_applied_cents
            when order_promotions_cents = 0 or not has_order_promotions then 0
        end
    {%- endset -%}
    {{ return([
        ['total_is_the_sum_of_its_parts', 'details_total_cents',
            'details_subtotal_cents - (' ~ promotions_on_subtotal ~ ') + details_tax_cents + details_tip_cents + case when has_raw_platform_financials then fees_total_cents else details_delivery_fee_cents end'],
        ['subtotal_is_the_sum_of_the_items', 'details_subtotal_cents', 'items_cents'],
        ['item_totals_are_quantity_by_unit', 'items_cents', 'item_quantities_by_units_cents', 'unequal_item_total_count'],
        ['item_units_are_base_and_modifiers', 'item_units_cents', 'item_bases_and_modifiers_cents', 'unequal_item_unit_count'],
        ['modifier_totals_are_quantity_by_unit', 'modifiers_cents', 'modifier_quantities_by_units_cents', 'unequal_modifier_total_count'],
        ['modifier_units_are_base_and_modifiers', 'modifier_units_cents', 'modifier_bases_and_modifiers_cents', 'unequal_modifier_unit_count'],
        ['subtotal_is_the_platforms', 'details_subtotal_cents', 'totals_subtotal_cents'],
        ['total_is_the_platforms', 'details_total_cents', 'totals_total_cents'],
        ['tax_is_the_platforms', 'details_tax_cents', 'taxes_total_cents'],
        ['taxes_are_sales_and_delivery', 'taxes_total_cents', 'taxes_sales_cents + taxes_delivery_cents'],
        ['tip_is_the_platforms', 'details_tip_cents', 'tip_amount_cents'],
        ['delivery_fee_is_the_platforms', 'details_delivery_fee_cents', 'fees_delivery_cents'],
        ['delivery_tax_is_the_fees', 'taxes_delivery_cents', 'fees_delivery_tax_cents'],
        ['fees_are_the_sum_of_their_parts', 'fees_total_cents', 'fees_delivery_cents + fees_small_order_cents + fees_bag_fee_cents + fees_pick_and_pack_fee_cents'],
        ['payments_are_the_sum_of_their_methods', 'payments_total_cents', 'payment_methods_cents'],
        ['payments_are_the_total', 'payments_total_cents', 'details_total_cents'],
        ['promotions_are_the_applied_discounts', 'promotions_total_promo_applied_cents', 'case when not has_coupons_or_rewards then applied_discounts_cents end'],
        ['promotions_are_the_orders', 'promotions_total_promo_applied_cents', 'order_promotions_cents'],
        ['platform_promotions_are_funded', 'split_promotions_cents', 'funded_cents'],
        ['tax_remitted_is_the_sum_of_its_parts', 'tax_remitted_by_platform_cents', 'platform_remittances_cents'],
        ['no_tax_is_remitted_unless_by_the_platform', 'case when not is_tax_remitted_by_platform then coalesce(tax_remitted_by_platform_cents, 0) end', '0'],
        ['no_tax_is_remitted_unless_withheld', 'case when not is_tax_withheld then coalesce(tax_remitted_by_platform_cents, 0) end', '0'],
    ]) }}
{% endmacro %}

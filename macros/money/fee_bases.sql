{# The bases that a fee can be taken of, by the names that fee_schedules uses, with their columns in int_order_fee_bases. Returns: list of [name, column]. #}
{% macro named_fee_bases() %}
    {{ return([
        ['items', 'items_cents'],
        ['items_less_merchant_discount', 'items_less_merchant_discount_cents'],
        ['items_less_all_discounts', 'items_less_all_discounts_cents'],
        ['items_plus_tax', 'items_plus_tax_cents'],
        ['items_plus_tax_less_discount', 'items_plus_tax_less_discount_cents'],
        ['merchant_total_less_merchant_discount', 'merchant_total_less_merchant_discount_cents'],
        ['receipts', 'total_cents'],
    ]) }}
{% endmacro %}

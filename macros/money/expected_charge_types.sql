{# The charge types that an order can be expected to bring; each has a column <charge type>_cents in int_expected_amounts. Returns: list of strings. #}
{% macro expected_charge_types() %}
    {{ return([
        'sales', 'tax', 'tax_withheld', 'discount', 'platform_funding', 'third_party_funding', 'tip', 'delivery_fee',
        'delivery_fee_tax', 'bag_fee', 'receipts', 'commission', 'delivery_commission', 'processing_fee',
    ]) }}
{% endmacro %}

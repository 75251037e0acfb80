{#
  The models that read order documents and the elements of their arrays, each with unknown_members. Returns: list of names.
#}
{% macro parsed_order_models() %}
    {{ return([
        'int_order_documents',
        'int_order_items',
        'int_order_modifiers',
        'int_order_promotions',
        'int_order_consumers',
        'int_order_payment_methods',
        'int_order_tax_remittances',
        'int_order_applied_discounts',
        'int_order_coupons',
        'int_order_platform_promotions',
        'int_order_promotion_items',
        'int_order_promotion_funding',
    ]) }}
{% endmacro %}

{# The lines of a text, a row each, in a select list. text: string SQL. Returns: string SQL; no rows for null. #}
{% macro lines_of(text) %}{{ return(adapter.dispatch('lines_of', 'coco_warehouse')(text)) }}{% endmacro %}

{% macro default__lines_of(text) %}unnest(string_to_array({{ text }}, chr(10))){% endmacro %}

{% macro spark__lines_of(text) %}explode(split({{ text }}, chr(10))){% endmacro %}

{#
  A path with its elements written alike: 'details.items[2].modifiers[0].modifiers[1].size' -> 'details.items[].modifiers[].size'.
  path: string SQL. Returns string; null for null.
#}
{% macro path_of_any_element(path) %}{{ return(replace_pattern(replace_pattern(path, '[[][0-9]+[]]', '[]'), '([.]modifiers[[][]])+', '.modifiers[]')) }}{% endmacro %}

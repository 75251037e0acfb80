{#
  How an order reaches its customer: 'pickup', 'self_delivery' or 'platform_delivery'. is_pickup, is_merchant_delivery: boolean SQL.
  Returns string, never null.
#}
{% macro fulfilment(is_pickup, is_merchant_delivery) %}case when {{ is_pickup }} then 'pickup' when {{ is_merchant_delivery }} then 'self_delivery' else 'platform_delivery' end{% endmacro %}

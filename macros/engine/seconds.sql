{#
  Whole seconds that lie between two moments, what is left over cut off. first_at, second_at: timestamp SQL.
  Returns bigint, negative when the second is the earlier; null when either is null.
#}
{% macro seconds_between(first_at, second_at) %}{{ return(adapter.dispatch('seconds_between', 'coco_warehouse')(first_at, second_at)) }}{% endmacro %}

{% macro duckdb__seconds_between(first_at, second_at) %}((epoch_us({{ second_at }}) - epoch_us({{ first_at }})) // 1000000){% endmacro %}

{% macro postgres__seconds_between(first_at, second_at) %}cast(trunc(extract(epoch from {{ second_at }} - {{ first_at }})) as bigint){% endmacro %}

{% macro spark__seconds_between(first_at, second_at) %}((unix_micros({{ second_at }}) - unix_micros({{ first_at }})) div 1000000){% endmacro %}

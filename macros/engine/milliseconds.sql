{#
  Whole milliseconds that lie between two moments, what is left over cut off. first_at, second_at: timestamp SQL.
  Returns bigint, negative when the second is the earlier; null when either is null.
#}
{% macro milliseconds_between(first_at, second_at) %}{{ return(adapter.dispatch('milliseconds_between', 'coco_warehouse')(first_at, second_at)) }}{% endmacro %}

{% macro duckdb__milliseconds_between(first_at, second_at) %}((epoch_us({{ second_at }}) - epoch_us({{ first_at }})) // 1000){% endmacro %}

{% macro postgres__milliseconds_between(first_at, second_at) %}cast(trunc(extract(epoch from {{ second_at }} - {{ first_at }}) * 1000) as bigint){% endmacro %}

{% macro spark__milliseconds_between(first_at, second_at) %}((unix_micros({{ second_at }}) - unix_micros({{ first_at }})) div 1000){% endmacro %}

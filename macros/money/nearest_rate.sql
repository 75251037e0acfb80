{#
  The rate nearest to part / whole that is a multiple of a step. part_cents, whole_cents: bigint SQL, whole above 0; step: integer, basis points.
  Returns bigint, basis points; null when either is null.
#}
{% macro nearest_rate(part_cents, whole_cents, step) %}{{ return(adapter.dispatch('nearest_rate', 'coco_warehouse')(part_cents, whole_cents, step)) }}{% endmacro %}

{% macro duckdb__nearest_rate(part_cents, whole_cents, step) %}
    cast(((cast({{ part_cents }} as hugeint) * 20000 + {{ whole_cents }} * {{ step }}) // ({{ whole_cents }} * {{ 2 * step }})) * {{ step }} as bigint)
{% endmacro %}

{% macro spark__nearest_rate(part_cents, whole_cents, step) %}
    cast(((cast({{ part_cents }} as decimal(20, 0)) * 20000 + {{ whole_cents }} * {{ step }}) div ({{ whole_cents }} * {{ 2 * step }})) * {{ step }} as bigint)
{% endmacro %}

{% macro postgres__nearest_rate(part_cents, whole_cents, step) %}
    cast(div(cast({{ part_cents }} as numeric) * 20000 + {{ whole_cents }} * {{ step }}, {{ whole_cents }} * {{ 2 * step }}) * {{ step }} as bigint)
{% endmacro %}

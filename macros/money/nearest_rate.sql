{#
  The rate nearest to part / whole that is a multiple of a step, half rounded up. part_cents, whole_cents: bigint SQL; step: integer, basis points.
  Returns bigint, basis points; null when either is null, and where the part is below 0 or above the whole: no contract has such a rate.
#}
{% macro nearest_rate(part_cents, whole_cents, step) %}
    case
        when {{ part_cents }} between 0 and {{ whole_cents }} and {{ whole_cents }} > 0
            then {{ adapter.dispatch('rate_of_part', 'coco_warehouse')(part_cents, whole_cents, step) }}
    end
{% endmacro %}

{# What nearest_rate gives for a part of the whole, in wider integers on the way. #}
{% macro duckdb__rate_of_part(part_cents, whole_cents, step) %}
    cast(((cast({{ part_cents }} as hugeint) * 20000 + {{ whole_cents }} * {{ step }}) // ({{ whole_cents }} * {{ 2 * step }})) * {{ step }} as bigint)
{% endmacro %}

{% macro spark__rate_of_part(part_cents, whole_cents, step) %}
    cast(((cast({{ part_cents }} as decimal(20, 0)) * 20000 + {{ whole_cents }} * {{ step }}) div ({{ whole_cents }} * {{ 2 * step }})) * {{ step }} as bigint)
{% endmacro %}

{% macro postgres__rate_of_part(part_cents, whole_cents, step) %}
    cast(div(cast({{ part_cents }} as numeric) * 20000 + {{ whole_cents }} * {{ step }}, {{ whole_cents }} * {{ 2 * step }}) * {{ step }} as bigint)
{% endmacro %}

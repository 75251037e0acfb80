{#
  The rates whose share of a whole comes to a part to the cent, half rounded away from zero: from lowest_tying_rate to highest_tying_rate.
  part_cents: bigint SQL, not negative; whole_cents: bigint SQL, above 0. Each returns bigint, basis points; null when either is null. No rate ties where the
  lowest is above the highest.
#}
{% macro lowest_tying_rate(part_cents, whole_cents) %}{{ return(adapter.dispatch('divided_up', 'coco_warehouse')(part_cents ~ ' * 10000 - 5000', whole_cents, 0)) }}{% endmacro %}

{% macro highest_tying_rate(part_cents, whole_cents) %}{{ return(adapter.dispatch('divided_up', 'coco_warehouse')(part_cents ~ ' * 10000 + 5000', whole_cents, 1)) }}{% endmacro %}

{# A quotient rounded up, less some whole number, never below 0. dividend, divisor: integer SQL, divisor above 0; less: integer. Returns bigint; null when either is null. #}
{% macro duckdb__divided_up(dividend, divisor, less) %}
    cast((greatest(cast({{ dividend }} as hugeint), 0) + {{ divisor }} - 1) // {{ divisor }} - {{ less }} as bigint)
{% endmacro %}

{% macro postgres__divided_up(dividend, divisor, less) %}
    cast(div(greatest(cast({{ dividend }} as numeric), 0) + {{ divisor }} - 1, {{ divisor }}) - {{ less }} as bigint)
{% endmacro %}

{% macro spark__divided_up(dividend, divisor, less) %}
    cast((greatest(cast({{ dividend }} as decimal(20, 0)), 0) + {{ divisor }} - 1) div {{ divisor }} - {{ less }} as bigint)
{% endmacro %}

{#
  The roundest rate of a range: the largest multiple of 100 basis points in it, else of 50, 25, 10, 5, else its lowest.
  lowest, highest: bigint SQL, not negative. Returns bigint; null when either is null.
#}
{% macro roundest_rate(lowest, highest) %}
    case
        {%- for step in [100, 50, 25, 10, 5] %}
        when {{ highest }} - {{ highest }} % {{ step }} >= {{ lowest }} then {{ highest }} - {{ highest }} % {{ step }}
        {%- endfor %}
        else {{ lowest }}
    end
{% endmacro %}

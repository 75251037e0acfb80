{#
  The rates whose share of a whole comes to a part to the cent, half rounded away from zero: from lowest_tying_rate to highest_tying_rate.
  part_cents, whole_cents: bigint SQL. Each returns bigint, basis points; null when either is null, and where the part is below 0 or above the whole:
  no contract has such a rate. No rate ties where the lowest is above the highest.
#}
{% macro lowest_tying_rate(part_cents, whole_cents) %}{{ tying_rate(part_cents, whole_cents, -5000, 0) }}{% endmacro %}

{% macro highest_tying_rate(part_cents, whole_cents) %}{{ tying_rate(part_cents, whole_cents, 5000, 1) }}{% endmacro %}

{# The lowest rate whose share rounds to the part (offset -5000, less 0), or the last before those that round to more (5000, 1). #}
{% macro tying_rate(part_cents, whole_cents, offset, less) %}
    case
        when {{ part_cents }} between 0 and {{ whole_cents }} and {{ whole_cents }} > 0
            then {{ adapter.dispatch('bound_of_part', 'coco_warehouse')(part_cents, whole_cents, offset, less) }}
    end
{% endmacro %}

{# The quotient of tying_rate rounded up, never below 0, in wider integers on the way. #}
{% macro duckdb__bound_of_part(part_cents, whole_cents, offset, less) %}
    cast((greatest(cast({{ part_cents }} as hugeint) * 10000 + {{ offset }}, 0) + {{ whole_cents }} - 1) // {{ whole_cents }} - {{ less }} as bigint)
{% endmacro %}

{% macro postgres__bound_of_part(part_cents, whole_cents, offset, less) %}
    cast(div(greatest(cast({{ part_cents }} as numeric) * 10000 + {{ offset }}, 0) + {{ whole_cents }} - 1, {{ whole_cents }}) - {{ less }} as bigint)
{% endmacro %}

{% macro spark__bound_of_part(part_cents, whole_cents, offset, less) %}
    cast((greatest(cast({{ part_cents }} as decimal(20, 0)) * 10000 + {{ offset }}, 0) + {{ whole_cents }} - 1) div {{ whole_cents }} - {{ less }} as bigint)
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

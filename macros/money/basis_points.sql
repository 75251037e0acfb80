{#
  A share as a rate in basis points, half rounded up. part, whole: bigint SQL, not negative. Returns bigint; null when either is null and when whole is 0.
#}
{% macro basis_points(part, whole) %}{{ return(adapter.dispatch('basis_points', 'coco_warehouse')(part, whole)) }}{% endmacro %}

{#
  A rate that is written in percent, such as 25.00%, as basis points. text: string SQL. Returns bigint; null for null and
  for anything else: a number without its sign may be a percentage or a share.
#}
{% macro percent_to_basis_points(text) %}
    case when {{ matches(text, '^[0-9]{1,3}([.][0-9]{1,2})?[ ]?%$') }} then {{ text_to_cents("replace(" ~ text ~ ", '%', '')") }} end
{% endmacro %}

{% macro duckdb__basis_points(part, whole) %}
    cast((cast({{ part }} as hugeint) * 20000 + ({{ whole }})) // nullif(cast({{ whole }} as hugeint) * 2, 0) as bigint)
{% endmacro %}

{% macro postgres__basis_points(part, whole) %}
    cast(div(cast({{ part }} as numeric) * 20000 + ({{ whole }}), nullif(cast({{ whole }} as numeric) * 2, 0)) as bigint)
{% endmacro %}

{% macro spark__basis_points(part, whole) %}
    cast((cast({{ part }} as decimal(20, 0)) * 20000 + ({{ whole }})) div nullif(cast({{ whole }} as decimal(20, 0)) * 2, 0) as bigint)
{% endmacro %}

{#
  A share as a rate in basis points, half rounded up. part, whole: bigint SQL, not negative. Returns bigint; null when either is null and when whole is 0.
#}
{% macro basis_points(part, whole) %}{{ return(adapter.dispatch('basis_points', 'coco_warehouse')(part, whole)) }}{% endmacro %}

{% macro duckdb__basis_points(part, whole) %}cast(({{ part }} * 20000 + {{ whole }}) // nullif({{ whole }} * 2, 0) as bigint){% endmacro %}

{% macro postgres__basis_points(part, whole) %}cast(({{ part }} * 20000 + {{ whole }}) / nullif({{ whole }} * 2, 0) as bigint){% endmacro %}

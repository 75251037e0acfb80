{#
  The days in which a deposit that names no payout is looked for, in bank days before and after the payday: a whole number each. What a
  statement that is not loaded left at the bank is looked for in the same days.
#}
{% macro deposit_bank_days_before() %}{{ return(1) }}{% endmacro %}

{% macro deposit_bank_days_after() %}{{ return(4) }}{% endmacro %}

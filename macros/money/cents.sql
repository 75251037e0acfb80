{#
  Integer cents from the text of an amount, exactly: no floating point on the way.
  Takes 12, 12.3, 12.34, 1,234.56, $12.34, -12.34, (12.34), and blanks beside the sign, the currency sign and the parentheses, as
  spreadsheets write them; blank, a dash and the word NULL are no amount.
  text: string SQL. Returns bigint; null for no amount and for anything else (see is_amount_text).
#}
{% macro text_to_cents(text) %}
    case
        -- nearly every amount is written so, and this takes a fifth of the time
        when {{ matches(text, '^-?[0-9]{1,13}[.][0-9]{2}$') }} then cast(replace({{ text }}, '.', '') as bigint)
        when {{ is_amount_text(text) }} and {{ plain_amount(text) }} <> ''
            then cast(
                case when {{ matches(text, '[(]|-') }} then '-' else '' end
                || split_part({{ plain_amount(text) }}, '.', 1)
                || rpad(split_part({{ plain_amount(text) }}, '.', 2), 2, '0')
                as bigint
            )
    end
{% endmacro %}

{#
  Whether a text is an amount or says that there is none. text: string SQL. Returns boolean; true for null and blank.
  More than two decimals, or more than 13 digits before them, is no amount.
#}
{% macro is_amount_text(text) %}
    {%- set number = '([0-9]{1,13}|[0-9]{1,3}(,[0-9]{3}){1,3}|[0-9](,[0-9]{3}){4})([.][0-9]{0,2})?' -%}
    (
        coalesce(upper(trim({{ text }})), '') in ('', 'NULL')
        or {{ matches(text, '^ *([$]? *-|(-? *[$]?|[$] *-) *' ~ number ~ '|[$]? *[(] *[$]? *' ~ number ~ ' *[)]) *$') }}
    )
{% endmacro %}

{# The digits and the point of an amount. text: string SQL. Returns string; '' for no amount. #}
{% macro plain_amount(text) %}{{ replace_pattern(text, '[^0-9.]', '') }}{% endmacro %}

{#
  A share of an amount, to the cent, half away from zero.
  cents: bigint SQL; basis_points: bigint SQL, not negative. Returns bigint; null when either is null.
#}
{% macro share_of_cents(cents, basis_points) %}{{ return(adapter.dispatch('share_of_cents', 'coco_warehouse')(cents, basis_points)) }}{% endmacro %}

{% macro duckdb__share_of_cents(cents, basis_points) %}
    cast(sign({{ cents }}) * ((abs(cast({{ cents }} as hugeint)) * {{ basis_points }} + 5000) // 10000) as bigint)
{% endmacro %}

{% macro postgres__share_of_cents(cents, basis_points) %}
    cast(sign(cast({{ cents }} as numeric)) * div(abs(cast({{ cents }} as numeric)) * {{ basis_points }} + 5000, 10000) as bigint)
{% endmacro %}

{# What does not fit in bigint would wrap on Spark, and its sign() is a double. #}
{% macro spark__share_of_cents(cents, basis_points) %}
    cast(
        case when {{ cents }} < 0 then -1 else 1 end * ((abs(cast({{ cents }} as decimal(20, 0))) * cast({{ basis_points }} as decimal(10, 0)) + 5000) div 10000)
        as bigint
    )
{% endmacro %}

{# A sum of cents that stays bigint. cents: bigint SQL. Returns bigint; null over no rows. #}
{% macro sum_cents(cents) %}cast(sum({{ cents }}) as bigint){% endmacro %}

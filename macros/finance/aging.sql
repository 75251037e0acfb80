{#
  Buckets of age, as finance reports them. The package ages by the end of a month with the same text (coco_warehouse/aging.py); a test compares both.
#}

{# The bucket of an age. days: integer SQL, below 0 before the due day. Returns string: not_due, 0-30, 31-60, 61-90 or over_90, which null is too. #}
{% macro aging_bucket(days) %}case
            when {{ days }} < 0 then 'not_due'
            when {{ days }} <= 30 then '0-30'
            when {{ days }} <= 60 then '31-60'
            when {{ days }} <= 90 then '61-90'
            else 'over_90'
        end{% endmacro %}

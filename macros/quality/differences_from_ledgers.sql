{#
  Where what a mart shows of both ledgers is not what they hold, by platform and currency. What stands on one side only is a difference too.
  shown: name of a CTE with platform, currency_code, expected_cents, stated_cents, untied_cents (what its own identity leaves over);
  expected: of one with platform, currency_code, expected_cents; stated: of one with platform, currency_code, stated_cents.
  Returns a select statement: a row per platform and currency that differs, with what is shown and what the ledgers hold.
#}
{% macro differences_from_ledgers(shown, expected, stated) %}
{%- set sides = {
    shown: {'expected_cents': 'expected_cents', 'stated_cents': 'stated_cents', 'untied_cents': 'untied_cents'},
    expected: {'ledger_expected_cents': 'expected_cents'},
    stated: {'ledger_stated_cents': 'stated_cents'},
} %}
    select
        platform,
        currency_code,
        sum(expected_cents) as expected_cents,
        sum(ledger_expected_cents) as ledger_expected_cents,
        sum(stated_cents) as stated_cents,
        sum(ledger_stated_cents) as ledger_stated_cents,
        sum(untied_cents) as untied_cents
    from (
        {%- for side, amounts in sides.items() %}
        {{ 'union all' if not loop.first }}
        select
            platform,
            currency_code,
            {%- for name in ['expected_cents', 'ledger_expected_cents', 'stated_cents', 'ledger_stated_cents', 'untied_cents'] %}
            {{ amounts.get(name, 'cast(0 as bigint)') }} as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ side }}
        {%- endfor %}
    ) as compared
    group by platform, currency_code
    having
        sum(expected_cents) <> sum(ledger_expected_cents)
        or sum(stated_cents) <> sum(ledger_stated_cents)
        or sum(untied_cents) <> 0
{% endmacro %}

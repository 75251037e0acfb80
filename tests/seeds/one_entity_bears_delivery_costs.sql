-- What couriers cost is borne once: by one legal entity in each currency.
{% set query -%}
    select
        currency_code,
        min(legal_entity) as legal_entity,
        max(legal_entity) as other_legal_entity
    from {{ ref('legal_entities') }}
    where bears_delivery_costs
    group by currency_code
    having count(*) > 1
    order by 1
{%- endset %}
{{ rows_to_mend(
    query,
    'Several legal entities of one currency bear delivery costs in the seed legal_entities (currency, two of them); '
    ~ 'leave bears_delivery_costs true for one:'
) }}

-- A rule on tax holds on every day on which a store has an order.
{% set query -%}
    with

    terms as (
        select * from {{ ref('int_order_terms') }}
    ),

    order_stores as (
        select * from {{ ref('int_order_stores') }}
    )

    select distinct
        {{ row_text(['order_stores.platform', 'order_stores.platform_store_id', 'order_stores.order_date']) }} as row_text
    from terms
    inner join order_stores on terms.order_id = order_stores.order_id
    where terms.tax_facilitation_id is null and order_stores.is_store_known and {{ is_plausible_order_date('order_stores.order_date') }}
    order by 1
{%- endset %}
{{ rows_to_mend(
    query,
    'No row of the seed tax_facilitation holds for these orders (platform, store, day); add one, or correct its days:'
) }}

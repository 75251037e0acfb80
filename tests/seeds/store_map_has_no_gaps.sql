-- A store whose code the store map knows is mapped on every day on which it has an order. A code that it does not know at all is no gap:
-- is_store_known says so.
{% set query -%}
    with

    order_stores as (
        select * from {{ ref('int_order_stores') }}
    ),

    store_map as (
        select * from {{ ref('int_store_map') }}
    )

    select distinct
        {{ row_text(['order_stores.platform', 'order_stores.partner_store_code', 'order_stores.order_date']) }} as row_text
    from order_stores
    inner join store_map
        on order_stores.platform = store_map.platform
        and order_stores.partner_store_code in (store_map.partner_store_code, store_map.platform_store_id)
    where not order_stores.is_store_known and {{ is_plausible_order_date('order_stores.order_date') }}
    order by 1
{%- endset %}
{{ rows_to_mend(
    query,
    'The seed store_map knows these stores, and no single row of it holds on the day of an order (platform, code, day); correct valid_from or valid_to:'
) }}

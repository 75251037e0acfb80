-- A pay cycle holds on every day on which a store has an order.
{% set query -%}
    with

    order_stores as (
        select * from {{ ref('int_order_stores') }}
    ),

    pay_periods as (
        select * from {{ ref('int_pay_periods') }}
    )

    select distinct
        {{ row_text(['order_stores.platform', 'order_stores.order_date']) }} as row_text
    from order_stores
    left join pay_periods
        on order_stores.platform = pay_periods.platform
        and order_stores.store_currency_code = pay_periods.currency_code
        and order_stores.order_date = pay_periods.day
    where pay_periods.day is null and order_stores.is_store_known and {{ is_plausible_order_date('order_stores.order_date') }}
    order by 1
{%- endset %}
{{ rows_to_mend(
    query,
    'No row of the seed pay_cycles holds for these orders (platform, day); add one, or correct its days:'
) }}

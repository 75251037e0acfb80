-- A schedule holds on every day on which a store has an order of a fulfilment and commission type that fee_schedules knows.
-- A commission type that it does not know at all comes from a document; what such an order should pay is unknown, and is shown so.
{% set query -%}
    with

    terms as (
        select * from {{ ref('int_order_terms') }}
    ),

    order_stores as (
        select * from {{ ref('int_order_stores') }}
    ),

    amounts as (
        select * from {{ ref('int_order_amounts') }}
    ),

    fee_schedules as (
        select * from {{ ref('int_fee_schedules') }}
    )

    select distinct
        {{ row_text([
            'order_stores.platform', 'order_stores.platform_store_id', 'amounts.fulfilment', 'amounts.commission_type', 'order_stores.order_date',
        ]) }} as row_text
    from terms
    inner join order_stores on terms.order_id = order_stores.order_id
    inner join amounts on terms.order_id = amounts.order_id
    inner join fee_schedules
        on order_stores.platform = fee_schedules.platform
        and amounts.fulfilment = fee_schedules.fulfilment
        and amounts.commission_type = fee_schedules.commission_type
    where terms.fee_schedule_id is null and order_stores.is_store_known and {{ is_plausible_order_date('order_stores.order_date') }}
    order by 1
{%- endset %}
{{ rows_to_mend(
    query,
    'No row of the seed fee_schedules holds for these orders (platform, store, fulfilment, commission type, day); add one, or correct its days:'
) }}

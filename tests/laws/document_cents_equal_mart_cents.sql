{#
  Law 2. The cents that stand in the standing documents, read by another way than the models read them, are the cents of the marts,
  platform by platform.
#}
{%- set columns = {
    'total_cents': ['details', 'total'],
    'subtotal_cents': ['details', 'subtotal'],
    'tax_cents': ['details', 'tax'],
    'tip_cents': ['details', 'tip'],
    'delivery_fee_cents': ['details', 'deliveryFee'],
    'totals_merchant_total_cents': ['rawPlatformFinancials', 'totals', 'merchantTotal'],
    'totals_subtotal_before_coupons_cents': ['rawPlatformFinancials', 'totals', 'subtotalBeforeCoupons'],
    'taxes_total_cents': ['rawPlatformFinancials', 'taxes', 'total'],
    'tax_remittance_tax_remitted_by_platform_cents': ['rawPlatformFinancials', 'taxRemittance', 'taxRemittedByPlatform'],
    'fees_delivery_cents': ['rawPlatformFinancials', 'fees', 'delivery'],
    'payments_total_cents': ['rawPlatformFinancials', 'payments', 'total'],
    'promotions_total_promo_applied_cents': ['rawPlatformFinancials', 'promotions', 'totalPromoApplied'],
} -%}
{%- set standing_document = 'case when orders.document_id = documents.document_id then documents.document end' %}
with

orders as (
    select * from {{ ref('orders') }}
),

order_financials as (
    select * from {{ ref('order_financials') }}
),

documents as (
    select * from {{ ref('stg_order_api__order_documents') }}
),

-- the engine is told again that a document stands: else it may read documents before it joins, and stop at one that nobody can read
read_documents as (
    select
        orders.platform,
        {{ json_texts_at(standing_document, columns.values() | list) }} as amounts
    from orders
    inner join documents on orders.document_id = documents.document_id
),

in_documents as (
    select
        read_documents.platform,
        amount.place,
        sum(cast(amount.item as decimal(28, 0))) as document_cents
    from read_documents
    {{ list_items('read_documents.amounts', 'amount') }}
    group by
        read_documents.platform,
        amount.place
),

platform_sums as (
    select
        {%- for column, path in columns.items() %}
        sum({{ 'orders' if path[0] == 'details' else 'order_financials' }}.{{ column }}) as {{ column }},
        {%- endfor %}
        orders.platform
    from orders
    inner join order_financials on orders.order_id = order_financials.order_id
    group by orders.platform
),

in_marts as (
    {%- for column in columns %}
    select
        platform,
        {{ loop.index }} as place,
        '{{ column }}' as column_name,
        {{ column }} as mart_cents
    from platform_sums
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        coalesce(in_documents.platform, in_marts.platform) as platform,
        in_marts.column_name,
        in_documents.document_cents,
        in_marts.mart_cents
    from in_documents
    full outer join in_marts
        on in_documents.platform = in_marts.platform
        and in_documents.place = in_marts.place
    where
        in_documents.platform is null
        or in_marts.platform is null
        or coalesce(in_documents.document_cents, 0) <> coalesce(in_marts.mart_cents, 0)
)

select * from final

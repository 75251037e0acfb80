{#
  Law 2. The cents that stand in the standing documents, read by another way than the models read them, are the cents of the marts,
  platform by platform.
#}
{%- set details = {
    'total': 'total_cents',
    'subtotal': 'subtotal_cents',
    'tax': 'tax_cents',
    'tip': 'tip_cents',
    'deliveryFee': 'delivery_fee_cents',
} -%}
{%- set financials = {
    'totals.merchantTotal': 'totals_merchant_total_cents',
    'totals.subtotalBeforeCoupons': 'totals_subtotal_before_coupons_cents',
    'taxes.total': 'taxes_total_cents',
    'taxRemittance.taxRemittedByPlatform': 'tax_remittance_tax_remitted_by_platform_cents',
    'fees.delivery': 'fees_delivery_cents',
    'payments.total': 'payments_total_cents',
    'promotions.totalPromoApplied': 'promotions_total_promo_applied_cents',
} -%}
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

in_documents as (
    select
        {%- for leaf, column in details.items() %}
        coalesce(sum(cast({{ json_text_at('documents.document', ['details', leaf]) }} as decimal(28, 0))), 0) as {{ column }},
        {%- endfor %}
        {%- for leaf, column in financials.items() %}
        {%- set stated = json_text_at('documents.document', ['rawPlatformFinancials'] + leaf.split('.')) %}
        coalesce(sum(cast({{ stated }} as decimal(28, 0))), 0) as {{ column }},
        {%- endfor %}
        orders.platform
    from orders
    inner join documents on orders.document_id = documents.document_id
    group by orders.platform
),

in_marts as (
    select
        {%- for column in details.values() %}
        coalesce(sum(orders.{{ column }}), 0) as {{ column }},
        {%- endfor %}
        {%- for column in financials.values() %}
        coalesce(sum(order_financials.{{ column }}), 0) as {{ column }},
        {%- endfor %}
        orders.platform
    from orders
    inner join order_financials on orders.order_id = order_financials.order_id
    group by orders.platform
),

final as (
    select in_documents.*
    from in_documents
    full outer join in_marts on in_documents.platform = in_marts.platform
    where
        in_documents.platform is null
        or in_marts.platform is null
        {%- for column in (details.values() | list) + (financials.values() | list) %}
        or in_documents.{{ column }} <> in_marts.{{ column }}
        {%- endfor %}
)

select * from final

{#
  Law 2. An array in a standing document has as many elements as its mart has rows.
#}
{%- set financials = 'rawPlatformFinancials' -%}
{%- set arrays = [
    [['details', 'items'], 'order_items', none],
    [['details', 'promotions'], 'order_promotions', "promotion_source = 'order_promotion'"],
    [['details', 'consumers'], 'order_consumers', 'consumer_position > 0'],
    [[financials, 'payments', 'paymentMethods'], 'order_payments', none],
    [[financials, 'promotions', 'appliedDiscounts'], 'order_promotions', "promotion_source = 'applied_discount'"],
    [[financials, 'promotions', 'loyaltyRewards', 'rewards'], 'order_promotions', "promotion_source = 'loyalty_reward'"],
    [[financials, 'promotions', 'coupons'], 'order_promotions', "promotion_source = 'coupon'"],
    [[financials, 'promotions', 'platformPromotions'], 'order_promotions', "promotion_source = 'platform_promotion'"],
    [[financials, 'taxRemittance', 'platformTaxRemittance'], 'order_tax_remittances', "remitter = 'platform'"],
    [[financials, 'taxRemittance', 'restaurantTaxRemittance'], 'order_tax_remittances', "remitter = 'restaurant'"],
    [[financials, 'taxRemittance', 'courierTaxRemittance'], 'order_tax_remittances', "remitter = 'courier'"],
    [[financials, 'taxRemittance', 'eaterTaxRemittance'], 'order_tax_remittances', "remitter = 'eater'"],
] -%}
with

documents as (
    select
        {%- for path, mart, condition in arrays %}
        {{ json_array_length_at('documents.document', path) }} as in_document_{{ loop.index }},
        {%- endfor %}
        orders.order_id
    from {{ ref('orders') }} as orders
    inner join {{ ref('stg_order_api__order_documents') }} as documents on orders.document_id = documents.document_id
),

{%- for path, mart, condition in arrays %}

rows_{{ loop.index }} as (
    select
        order_id,
        count(*) as in_mart
    from {{ ref(mart) }}
    {%- if condition %}
    where {{ condition }}
    {%- endif %}
    group by order_id
),
{%- endfor %}

final as (
    {%- for path, mart, condition in arrays %}
    select
        '{{ path | join(".") }}' as path,
        coalesce(documents.order_id, rows_{{ loop.index }}.order_id) as order_id,
        documents.in_document_{{ loop.index }} as in_document,
        rows_{{ loop.index }}.in_mart
    from documents
    full outer join rows_{{ loop.index }} on documents.order_id = rows_{{ loop.index }}.order_id
    where coalesce(documents.in_document_{{ loop.index }}, 0) <> coalesce(rows_{{ loop.index }}.in_mart, 0)
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final

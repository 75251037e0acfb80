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
{%- set standing_document = 'case when orders.document_id = documents.document_id then documents.document end' %}
with

orders as (
    select * from {{ ref('orders') }}
),

documents as (
    select * from {{ ref('stg_order_api__order_documents') }}
),

-- the engine is told again that a document stands: else it may read documents before it joins, and stop at one that nobody can read
read_documents as (
    select
        orders.order_id,
        {{ json_array_lengths_at(standing_document, arrays | map('first') | list) }} as lengths
    from orders
    inner join documents on orders.document_id = documents.document_id
),

in_documents as (
    select
        read_documents.order_id,
        length.place,
        length.item as element_count
    from read_documents
    {{ list_items('read_documents.lengths', 'length') }}
    where length.item > 0
),

in_marts as (
    {%- for path, mart, condition in arrays %}
    select
        order_id,
        {{ loop.index }} as place,
        count(*) as row_count
    from {{ ref(mart) }}
    {%- if condition %}
    where {{ condition }}
    {%- endif %}
    group by order_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        coalesce(in_documents.order_id, in_marts.order_id) as order_id,
        case coalesce(in_documents.place, in_marts.place)
            {%- for path, mart, condition in arrays %}
            when {{ loop.index }} then '{{ path | join(".") }}'
            {%- endfor %}
        end as array_path,
        in_documents.element_count,
        in_marts.row_count
    from in_documents
    full outer join in_marts
        on in_documents.order_id = in_marts.order_id
        and in_documents.place = in_marts.place
    where coalesce(in_documents.element_count, 0) <> coalesce(in_marts.row_count, 0)
)

select * from final

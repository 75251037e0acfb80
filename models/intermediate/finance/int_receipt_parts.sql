{%- set parts = {
    'sales': 'order_amounts.items_cents',
    'discount': '-order_amounts.discount_cents',
    'tax': 'order_amounts.tax_cents',
    'tip': 'order_amounts.tip_cents',
    'delivery_fee': 'order_amounts.delivery_fee_cents',
    'delivery_fee_tax': 'order_amounts.delivery_fee_tax_cents',
    'bag_fee': 'order_amounts.bag_fee_cents',
    'service_fee': 'coalesce(documents.fees_small_order, 0) + coalesce(documents.fees_pick_and_pack_fee, 0)',
    'service_fee_tax': 'documents.fees_small_order_tax',
} -%}
-- what the one card receipt of a direct order is made of, by its document; what its parts do not come to is the remainder
with

receipts as (
    select
        order_id,
        document_id,
        receipts_cents
    from {{ ref('int_expected_amounts') }}
    where tax_presentation = 'receipts' and payment_rule = 'paid' and receipts_cents is not null
),

order_amounts as (
    select * from {{ ref('int_order_amounts') }}
),

documents as (
    select * from {{ ref('int_order_documents') }}
),

charge_types as (
    select charge_type from {{ ref('charge_types') }}
    where charge_type in (
        {%- for part in parts %}
        '{{ part }}',
        {%- endfor %}
        'remainder'
    )
),

-- nothing where the document does not tell: the remainder takes it
parts as (
    select
        receipts.order_id,
        {%- for part, cents in parts.items() %}
        coalesce({{ cents }}, 0) as {{ part }}_cents,
        {%- endfor %}
        receipts.receipts_cents
    from receipts
    inner join order_amounts on receipts.order_id = order_amounts.order_id
    inner join documents on receipts.document_id = documents.document_id
),

remaining as (
    select
        parts.*,
        receipts_cents
        {%- for part in parts %}
        - {{ part }}_cents
        {%- endfor %} as remainder_cents
    from parts
),

charges as (
    select
        remaining.order_id,
        charge_types.charge_type,
        case charge_types.charge_type
            {%- for part in parts %}
            when '{{ part }}' then remaining.{{ part }}_cents
            {%- endfor %}
            when 'remainder' then remaining.remainder_cents
        end as part_cents
    from remaining
    cross join charge_types
),

final as (
    select
        order_id,
        charge_type,

        part_cents
    from charges
    where part_cents <> 0
)

select * from final

{#
  The expected ledger, step by step. Each step is a select statement over relations, so that the versions which stand and those which stood before
  are worked out by the same text (int_earlier_*, where order_id is the id of one version). Each takes names of relations and returns a select statement.
#}

{# The store that each order is of, and its local date. #}
{% macro order_stores(versions) %}
with

versions as (
    select * from {{ versions }}
),

store_map as (
    select * from {{ ref('int_store_map') }}
),

store_merchants as (
    select * from {{ ref('int_store_merchants') }}
),

orders as (
    select
        order_id,
        platform,
        partner_store_code,
        placed_at
    from versions
),

-- a document names its store by either of two codes; a row for each, so that orders meet the stores of their code alone
store_codes as (
    select
        store_map.*,
        partner_store_code as store_code
    from store_map
    where partner_store_code is not null
    union all
    select
        store_map.*,
        platform_store_id as store_code
    from store_map
    where partner_store_code is null or partner_store_code <> platform_store_id
),

candidates as (
    select
        orders.order_id,
        store_codes.platform_store_id,
        store_codes.merchant_id,
        store_codes.time_zone,
        store_codes.currency_code,
        cast({{ local_timestamp('orders.placed_at', 'store_codes.time_zone') }} as date) as order_date
    from orders
    inner join store_codes
        on orders.platform = store_codes.platform
        and orders.partner_store_code = store_codes.store_code
        and cast({{ local_timestamp('orders.placed_at', 'store_codes.time_zone') }} as date)
        between store_codes.valid_from and store_codes.valid_to
),

-- a code that two stores bear on one day maps to neither
mapped as (
    select
        order_id,
        max(platform_store_id) as platform_store_id,
        max(merchant_id) as merchant_id,
        max(time_zone) as time_zone,
        max(currency_code) as currency_code,
        max(order_date) as order_date
    from candidates
    group by order_id
    having count(distinct platform_store_id) = 1
),

-- what the integrations say of a store holds for the days that the store map gives to its present merchant
final as (
    select
        orders.order_id,
        orders.platform || ':' || mapped.platform_store_id as store_id,
        case
            when mapped.merchant_id = store_merchants.store_map_merchant_id then store_merchants.merchant_id
            else mapped.merchant_id
        end as merchant_id,

        orders.platform,
        mapped.platform_store_id,
        orders.partner_store_code,
        mapped.time_zone,
        mapped.currency_code as store_currency_code,

        mapped.platform_store_id is not null as is_store_known,

        coalesce(mapped.order_date, cast(orders.placed_at as date)) as order_date
    from orders
    left join mapped on orders.order_id = mapped.order_id
    left join store_merchants
        on orders.platform = store_merchants.platform
        and mapped.platform_store_id = store_merchants.platform_store_id
)

select * from final
{% endmacro %}

{# The named leaves that the bases of each order are built from: docs/expected_ledger.md. #}
{% macro order_amounts(versions) %}
with

versions as (
    select * from {{ versions }}
),

documents as (
    select * from {{ ref('int_order_documents') }}
),

items as (
    select * from {{ ref('int_order_items') }}
),

order_promotions as (
    select * from {{ ref('int_order_promotions') }}
),

platform_promotions as (
    select * from {{ ref('int_order_platform_promotions') }}
),

promotion_funding as (
    select * from {{ ref('int_order_promotion_funding') }}
),

funding_sources as (
    select * from {{ ref('funding_sources') }}
),

item_totals as (
    select
        document_id,
        {{ sum_cents('price_total_cents') }} as items_cents
    from items
    group by document_id
),

order_promotion_totals as (
    select
        document_id,
        case when count(*) = count(discount_cents) then {{ sum_cents('discount_cents') }} end as promotions_cents
    from order_promotions
    group by document_id
),

splits as (
    select
        promotion_funding.document_id,
        promotion_funding.promotion_position,
        funding_sources.funded_by,
        promotion_funding.amount_paid_cents
    from promotion_funding
    left join funding_sources on upper({{ trimmed('promotion_funding.funding_source') }}) = funding_sources.funding_source
),

split_totals as (
    select
        document_id,
        promotion_position,
        count(*) as split_count,
        {{ sum_cents('amount_paid_cents') }} as amount_paid_cents
    from splits
    group by document_id, promotion_position
),

-- what no split of a promotion pays, but for a cent of each, is funded by the one source that the document names for its discounts
unsplit as (
    select
        platform_promotions.document_id,
        platform_promotions.promotion_position,
        funding_sources.funded_by,
        platform_promotions.discount_cents - coalesce(split_totals.amount_paid_cents, 0) as amount_paid_cents
    from platform_promotions
    inner join documents on platform_promotions.document_id = documents.document_id
    left join split_totals
        on platform_promotions.document_id = split_totals.document_id
        and platform_promotions.promotion_position = split_totals.promotion_position
    left join funding_sources
        on upper({{ trimmed('documents.platform_metadata_subtotal_discount_funding_source') }}) = funding_sources.funding_source
    where
        split_totals.document_id is null
        or platform_promotions.discount_cents - split_totals.amount_paid_cents > split_totals.split_count
),

funded as (
    select * from splits
    union all
    select * from unsplit
),

platform_promotion_totals as (
    select
        document_id,
        {{ sum_cents('amount_paid_cents') }} as discount_cents,
        coalesce({{ sum_cents("case when funded_by = 'merchant' then amount_paid_cents end") }}, 0) as merchant_discount_cents,
        coalesce({{ sum_cents("case when funded_by = 'platform' then amount_paid_cents end") }}, 0) as platform_discount_cents,
        coalesce({{ sum_cents("case when funded_by = 'third_party' then amount_paid_cents end") }}, 0) as third_party_discount_cents,
        coalesce({{ sum_cents("case when funded_by is null then abs(amount_paid_cents) end") }}, 0) as unknown_discount_cents
    from funded
    group by document_id
),

-- where no platform promotion is listed, one amount and at most one funder are known
single_discount as (
    select
        documents.document_id,
        case
            when documents.has_raw_platform_financials then coalesce(documents.promotions_subtotal_promo_applied, 0)
            when order_promotion_totals.document_id is null then 0
            else order_promotion_totals.promotions_cents
        end as discount_cents,
        case when documents.has_raw_platform_financials then funding_sources.funded_by end as funded_by
    from documents
    left join order_promotion_totals on documents.document_id = order_promotion_totals.document_id
    left join funding_sources
        on upper({{ trimmed('documents.platform_metadata_subtotal_discount_funding_source') }}) = funding_sources.funding_source
),

discounts as (
    select
        single_discount.document_id,
        case
            when platform_promotion_totals.document_id is not null then platform_promotion_totals.discount_cents
            else single_discount.discount_cents
        end as discount_cents,
        coalesce(
            platform_promotion_totals.merchant_discount_cents,
            case when single_discount.funded_by = 'merchant' then single_discount.discount_cents else 0 end
        ) as merchant_discount_cents,
        coalesce(
            platform_promotion_totals.platform_discount_cents,
            case when single_discount.funded_by = 'platform' then single_discount.discount_cents else 0 end
        ) as platform_discount_cents,
        coalesce(
            platform_promotion_totals.third_party_discount_cents,
            case when single_discount.funded_by = 'third_party' then single_discount.discount_cents else 0 end
        ) as third_party_discount_cents,
        coalesce(
            platform_promotion_totals.unknown_discount_cents = 0,
            coalesce(single_discount.discount_cents = 0, false) or single_discount.funded_by is not null
        ) as is_discount_funding_known
    from single_discount
    left join platform_promotion_totals on single_discount.document_id = platform_promotion_totals.document_id
),

final as (
    select
        versions.order_id,
        versions.document_id,

        {{ fulfilment('documents.details_is_pickup', 'documents.details_is_merchant_delivery') }} as fulfilment,
        lower(coalesce(nullif({{ trimmed('documents.platform_metadata_commission_type') }}, ''), 'regular')) as commission_type,
        upper(nullif({{ trimmed('documents.platform_metadata_currency_code') }}, '')) as document_currency_code,

        coalesce(item_totals.items_cents, 0) as items_cents,
        discounts.discount_cents,
        case when discounts.is_discount_funding_known then discounts.merchant_discount_cents end as merchant_discount_cents,
        case when discounts.is_discount_funding_known then discounts.platform_discount_cents end as platform_discount_cents,
        case when discounts.is_discount_funding_known then discounts.third_party_discount_cents end as third_party_discount_cents,
        coalesce(documents.taxes_merchant_sales_total, documents.taxes_sales, documents.taxes_total, documents.details_tax) as tax_cents,
        -- a tip in cash never passes through the platform
        case
            when upper({{ trimmed('documents.tip_type') }}) = 'CASH' then 0
            else coalesce(documents.tip_amount, documents.details_tip)
        end as tip_cents,
        coalesce(documents.fees_delivery, documents.details_delivery_fee) as delivery_fee_cents,
        coalesce(documents.fees_delivery_tax, 0) as delivery_fee_tax_cents,
        coalesce(documents.fees_bag_fee, 0) as bag_fee_cents,
        documents.details_total as total_cents,

        discounts.is_discount_funding_known,

        versions.received_at
    from versions
    inner join documents on versions.document_id = documents.document_id
    inner join discounts on versions.document_id = discounts.document_id
    left join item_totals on versions.document_id = item_totals.document_id
)

select * from final
{% endmacro %}

{# The contract terms that hold for each order: fee schedule, tax facilitation, cancellation. #}
{% macro order_terms(amounts, order_stores) %}
with

amounts as (
    select * from {{ amounts }}
),

order_stores as (
    select * from {{ order_stores }}
),

documents as (
    select * from {{ ref('int_order_documents') }}
),

platforms as (
    select * from {{ ref('platform_terms') }}
),

fee_schedules as (
    select * from {{ ref('int_fee_schedules') }}
),

tax_facilitation as (
    select * from {{ ref('int_tax_facilitation') }}
),

cancellation_rules as (
    select * from {{ ref('cancellation_rules') }}
),

orders as (
    select
        amounts.order_id,
        order_stores.platform,
        order_stores.platform_store_id,
        order_stores.order_date,
        amounts.fulfilment,
        amounts.commission_type,
        documents.status as order_status,
        documents.cancellation_by as cancelled_by,
        {{ hashed_key([
            'order_stores.platform', 'order_stores.platform_store_id', 'cast(order_stores.order_date as ' ~ dbt.type_string() ~ ')',
            'amounts.fulfilment', 'amounts.commission_type',
        ]) }} as occasion_id
    from amounts
    inner join order_stores on amounts.order_id = order_stores.order_id
    inner join documents on amounts.document_id = documents.document_id
),

-- stores, days and ways to sell are few beside orders: the terms of each are looked up once
occasions as (
    select distinct
        occasion_id,
        platform,
        platform_store_id,
        order_date,
        fulfilment,
        commission_type
    from orders
),

-- a store's own terms go before those of every store
schedules as (
    select
        occasions.occasion_id,
        fee_schedules.fee_schedule_id,
        fee_schedules.commission_rate_bps,
        fee_schedules.commission_base,
        fee_schedules.delivery_commission_rate_bps,
        fee_schedules.processing_rate_bps,
        fee_schedules.processing_fixed_cents,
        fee_schedules.processing_base,
        row_number() over (
            partition by occasions.occasion_id
            order by case when fee_schedules.platform_store_id is not null then 0 else 1 end, fee_schedules.fee_schedule_id
        ) as preference
    from occasions
    inner join fee_schedules
        on occasions.platform = fee_schedules.platform
        and occasions.fulfilment = fee_schedules.fulfilment
        and occasions.commission_type = fee_schedules.commission_type
        and (fee_schedules.platform_store_id is null or occasions.platform_store_id = fee_schedules.platform_store_id)
        and occasions.order_date between fee_schedules.valid_from and fee_schedules.valid_to
),

treatments as (
    select
        occasions.occasion_id,
        tax_facilitation.tax_facilitation_id,
        tax_facilitation.withheld_share_bps,
        row_number() over (
            partition by occasions.occasion_id
            order by case when tax_facilitation.platform_store_id is not null then 0 else 1 end, tax_facilitation.tax_facilitation_id
        ) as preference
    from occasions
    inner join tax_facilitation
        on occasions.platform = tax_facilitation.platform
        and (tax_facilitation.platform_store_id is null or occasions.platform_store_id = tax_facilitation.platform_store_id)
        and occasions.order_date between tax_facilitation.valid_from and tax_facilitation.valid_to
),

final as (
    select
        orders.order_id,
        schedules.fee_schedule_id,
        treatments.tax_facilitation_id,

        platforms.tax_presentation,
        platforms.discount_presentation,
        schedules.commission_rate_bps,
        schedules.commission_base,
        schedules.delivery_commission_rate_bps,
        schedules.processing_rate_bps,
        schedules.processing_fixed_cents,
        schedules.processing_base,
        treatments.withheld_share_bps,
        case
            when orders.order_status in ('ready', 'finished') then 'paid'
            when orders.order_status in ('new', 'future') then 'not_yet'
            when orders.order_status = 'rejected' then 'unpaid'
            when orders.order_status = 'cancelled' and cancellation_rules.is_paid then 'paid'
            when orders.order_status = 'cancelled' and not cancellation_rules.is_paid then 'unpaid'
            else 'unknown'
        end as payment_rule
    from orders
    left join platforms on orders.platform = platforms.platform
    left join schedules
        on orders.occasion_id = schedules.occasion_id
        and schedules.preference = 1
    left join treatments
        on orders.occasion_id = treatments.occasion_id
        and treatments.preference = 1
    left join cancellation_rules
        on orders.platform = cancellation_rules.platform
        and orders.cancelled_by = cancellation_rules.cancelled_by
)

select * from final
{% endmacro %}

{# What each order should bring, an amount a charge type side by side: docs/expected_ledger.md. #}
{% macro expected_amounts(amounts, order_stores, terms) %}
with

amounts as (
    select * from {{ amounts }}
),

order_stores as (
    select * from {{ order_stores }}
),

terms as (
    select * from {{ terms }}
),

-- what of the receipts is the merchant's: a tip when it delivers or on pick-up, a delivery fee when it delivers
merchant_receipts as (
    select
        amounts.order_id,
        amounts.document_id,
        order_stores.store_id,
        order_stores.merchant_id,
        order_stores.platform,
        coalesce(amounts.document_currency_code, order_stores.store_currency_code) as currency_code,
        order_stores.order_date,
        terms.tax_presentation,
        terms.discount_presentation,
        terms.fee_schedule_id,
        terms.tax_facilitation_id,
        terms.payment_rule,
        terms.commission_rate_bps,
        terms.commission_base,
        terms.delivery_commission_rate_bps,
        terms.processing_rate_bps,
        terms.processing_fixed_cents,
        terms.processing_base,
        terms.withheld_share_bps,
        amounts.items_cents,
        amounts.merchant_discount_cents,
        amounts.platform_discount_cents,
        amounts.third_party_discount_cents,
        amounts.merchant_discount_cents + amounts.platform_discount_cents + amounts.third_party_discount_cents as discount_cents,
        amounts.tax_cents,
        {{ share_of_cents('amounts.tax_cents', 'terms.withheld_share_bps') }} as withheld_tax_cents,
        case when amounts.fulfilment in ('self_delivery', 'pickup') then amounts.tip_cents else 0 end as tip_cents,
        case when amounts.fulfilment = 'self_delivery' then amounts.delivery_fee_cents else 0 end as delivery_fee_cents,
        case when amounts.fulfilment = 'self_delivery' then amounts.delivery_fee_tax_cents else 0 end as delivery_fee_tax_cents,
        amounts.bag_fee_cents,
        amounts.total_cents,
        amounts.received_at
    from amounts
    inner join order_stores on amounts.order_id = order_stores.order_id
    inner join terms on amounts.order_id = terms.order_id
),

bases as (
    select
        merchant_receipts.*,
        case commission_base
            when 'items' then items_cents
            when 'items_less_merchant_discount' then items_cents - merchant_discount_cents
            when 'none' then 0
        end as commission_base_cents,
        case processing_base
            when 'items_plus_tax_less_discount' then items_cents + tax_cents - discount_cents
            when 'merchant_total_less_merchant_discount'
                then items_cents + tax_cents + tip_cents + delivery_fee_cents + delivery_fee_tax_cents + bag_fee_cents - merchant_discount_cents
            when 'receipts' then total_cents
            when 'none' then 0
        end as processing_base_cents,
        -- where all is discounted no card is charged, and no fee for it
        coalesce(processing_base <> 'receipts' or total_cents > 0, true) as is_card_charged
    from merchant_receipts
),

final as (
    select
        order_id,
        document_id,
        fee_schedule_id,
        tax_facilitation_id,
        store_id,
        merchant_id,

        platform,
        currency_code,
        tax_presentation,
        payment_rule,
        commission_base,
        commission_rate_bps,
        delivery_commission_rate_bps,
        processing_base,
        processing_rate_bps,
        withheld_share_bps,

        commission_base_cents,
        processing_base_cents,
        items_cents,
        merchant_discount_cents,
        merchant_discount_cents + platform_discount_cents + third_party_discount_cents as all_discounts_cents,
        total_cents,
        case when is_card_charged then processing_fixed_cents else 0 end as processing_fixed_cents,
        tax_cents as document_tax_cents,
        case when tax_presentation <> 'receipts' then items_cents else 0 end as sales_cents,
        case tax_presentation
            when 'net' then tax_cents - withheld_tax_cents
            when 'gross' then tax_cents
            else 0
        end as tax_cents,
        case when tax_presentation = 'gross' then -withheld_tax_cents else 0 end as tax_withheld_cents,
        case
            when discount_presentation = 'receipts' then 0
            when discount_presentation = 'merchant_share' then -merchant_discount_cents
            else -discount_cents
        end as discount_cents,
        case
            when discount_presentation = 'all_funders_together' then platform_discount_cents + third_party_discount_cents
            when discount_presentation = 'all_funders_apart' then platform_discount_cents
            else 0
        end as platform_funding_cents,
        case when discount_presentation = 'all_funders_apart' then third_party_discount_cents else 0 end as third_party_funding_cents,
        case when tax_presentation = 'receipts' then 0 else tip_cents end as tip_cents,
        case when tax_presentation = 'receipts' then 0 else delivery_fee_cents end as delivery_fee_cents,
        case when tax_presentation = 'receipts' then 0 else delivery_fee_tax_cents end as delivery_fee_tax_cents,
        case when tax_presentation = 'receipts' then 0 else bag_fee_cents end as bag_fee_cents,
        case when tax_presentation = 'receipts' then total_cents else 0 end as receipts_cents,
        -{{ share_of_cents('commission_base_cents', 'commission_rate_bps') }} as commission_cents,
        -{{ share_of_cents('items_cents', 'delivery_commission_rate_bps') }} as delivery_commission_cents,
        case
            when processing_base = 'none' then 0
            else -(
                {{ share_of_cents('processing_base_cents', 'processing_rate_bps') }}
                + case when is_card_charged then processing_fixed_cents else 0 end
            )
        end as processing_fee_cents,

        order_date,
        received_at
    from bases
)

select * from final
{% endmacro %}

{# What each order should bring, a row a charge: docs/expected_ledger.md. #}
{% macro expected_charges(expected_amounts) %}
with

expected_amounts as (
    select * from {{ expected_amounts }}
    where payment_rule <> 'not_yet'
),

charge_types as (
    select * from {{ ref('charge_types') }}
    where charge_type in ({% for charge_type in expected_charge_types() %}'{{ charge_type }}'{{ ', ' if not loop.last }}{% endfor %})
),

charges as (
    select
        expected_amounts.order_id,
        expected_amounts.document_id,
        expected_amounts.fee_schedule_id,
        expected_amounts.tax_facilitation_id,
        expected_amounts.store_id,
        expected_amounts.merchant_id,
        expected_amounts.platform,
        expected_amounts.currency_code,
        expected_amounts.order_date,
        expected_amounts.tax_presentation,
        expected_amounts.payment_rule,
        charge_types.charge_type,
        expected_amounts.commission_base,
        expected_amounts.commission_base_cents,
        expected_amounts.commission_rate_bps,
        expected_amounts.delivery_commission_rate_bps,
        expected_amounts.processing_base,
        expected_amounts.processing_base_cents,
        expected_amounts.processing_rate_bps,
        expected_amounts.withheld_share_bps,
        expected_amounts.items_cents,
        expected_amounts.document_tax_cents,
        case
            when expected_amounts.payment_rule = 'unpaid' then case when charge_types.charge_type = 'sales' then 0 end
            when expected_amounts.payment_rule = 'paid'
                then case charge_types.charge_type
                    {%- for charge_type in expected_charge_types() %}
                    when '{{ charge_type }}' then expected_amounts.{{ charge_type }}_cents
                    {%- endfor %}
                end
        end as expected_cents,
        expected_amounts.received_at
    from expected_amounts
    cross join charge_types
),

-- no row for a charge of nothing, save the nothing that an unpaid order should bring
kept as (
    select * from charges
    where
        (payment_rule = 'unpaid' and charge_type = 'sales')
        or (payment_rule = 'paid' and (expected_cents is null or expected_cents <> 0))
        or (payment_rule = 'unknown' and charge_type = 'sales')
),

final as (
    select
        kept.order_id,
        kept.charge_type,
        kept.document_id,
        kept.store_id,
        kept.merchant_id,
        case when kept.charge_type in ('commission', 'delivery_commission', 'processing_fee') then kept.fee_schedule_id end as fee_schedule_id,
        case when kept.charge_type in ('tax', 'tax_withheld') then kept.tax_facilitation_id end as tax_facilitation_id,

        kept.platform,
        kept.currency_code,
        case
            when kept.expected_cents is null then 'unknown'
            when kept.charge_type in ('commission', 'delivery_commission', 'processing_fee', 'tax', 'tax_withheld') then 'contract'
            when kept.payment_rule = 'unpaid' then 'contract'
            else 'document'
        end as expectation_basis,
        case
            when kept.payment_rule = 'unpaid' then 'cancelled or rejected order that is not paid'
            when kept.payment_rule = 'unknown' then 'a status, or a side that cancelled, that no rule names'
            when kept.charge_type = 'commission' then kept.commission_base
            when kept.charge_type = 'delivery_commission' then 'items'
            when kept.charge_type = 'processing_fee' then kept.processing_base
            when kept.charge_type in ('tax', 'tax_withheld') then 'sales tax of the document'
            else 'as the document states it'
        end as expectation_rule,
        case kept.charge_type
            when 'commission' then kept.commission_rate_bps
            when 'delivery_commission' then kept.delivery_commission_rate_bps
            when 'processing_fee' then kept.processing_rate_bps
            when 'tax_withheld' then kept.withheld_share_bps
            when 'tax' then case when kept.tax_presentation = 'net' then 10000 - kept.withheld_share_bps end
        end as rate_bps,

        case kept.charge_type
            when 'commission' then kept.commission_base_cents
            when 'delivery_commission' then kept.items_cents
            when 'processing_fee' then kept.processing_base_cents
            when 'tax_withheld' then kept.document_tax_cents
            when 'tax' then kept.document_tax_cents
        end as base_cents,
        kept.expected_cents,

        kept.order_date,
        kept.received_at as known_from_at
    from kept
)

select * from final
{% endmacro %}

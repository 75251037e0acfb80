-- the named leaves that bases are built from: docs/expected_ledger.md
with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing'
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
        {{ sum_cents('discount_cents') }} as promotions_cents
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

-- a promotion without splits is funded by the one source that the document names for its discounts
unsplit as (
    select
        platform_promotions.document_id,
        platform_promotions.promotion_position,
        funding_sources.funded_by,
        platform_promotions.discount_cents as amount_paid_cents
    from platform_promotions
    inner join documents on platform_promotions.document_id = documents.document_id
    left join splits
        on platform_promotions.document_id = splits.document_id
        and platform_promotions.promotion_position = splits.promotion_position
    left join funding_sources
        on upper({{ trimmed('documents.platform_metadata_subtotal_discount_funding_source') }}) = funding_sources.funding_source
    where splits.document_id is null
),

funded as (
    select * from splits
    union all
    select * from unsplit
),

platform_promotion_totals as (
    select
        document_id,
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
            else coalesce(order_promotion_totals.promotions_cents, 0)
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
            single_discount.discount_cents = 0 or single_discount.funded_by is not null
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
        case when discounts.is_discount_funding_known then discounts.merchant_discount_cents end as merchant_discount_cents,
        case when discounts.is_discount_funding_known then discounts.platform_discount_cents end as platform_discount_cents,
        case when discounts.is_discount_funding_known then discounts.third_party_discount_cents end as third_party_discount_cents,
        coalesce(documents.taxes_merchant_sales_total, documents.taxes_sales, documents.taxes_total, documents.details_tax) as tax_cents,
        coalesce(documents.tip_amount, documents.details_tip) as tip_cents,
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

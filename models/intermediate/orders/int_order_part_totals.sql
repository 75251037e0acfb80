{{ config(indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

{%- set newly_loaded = is_newly_loaded() %}

-- sums over the arrays of each document; null where the array is not there or empty, as it is where a platform gives no parts of a sum
with

documents as (
    select * from {{ ref('int_order_documents') }}
    where {{ newly_loaded }}
),

items as (
    select * from {{ ref('int_order_items') }}
    where {{ newly_loaded }}
),

modifiers as (
    select * from {{ ref('int_order_modifiers') }}
    where {{ newly_loaded }}
),

order_promotions as (
    select * from {{ ref('int_order_promotions') }}
    where {{ newly_loaded }}
),

applied_discounts as (
    select * from {{ ref('int_order_applied_discounts') }}
    where {{ newly_loaded }}
),

coupons as (
    select * from {{ ref('int_order_coupons') }}
    where {{ newly_loaded }}
),

platform_promotions as (
    select * from {{ ref('int_order_platform_promotions') }}
    where {{ newly_loaded }}
),

promotion_funding as (
    select * from {{ ref('int_order_promotion_funding') }}
    where {{ newly_loaded }}
),

payment_methods as (
    select * from {{ ref('int_order_payment_methods') }}
    where {{ newly_loaded }}
),

tax_remittances as (
    select * from {{ ref('int_order_tax_remittances') }}
    where {{ newly_loaded }}
),

-- items and modifiers have one kind of price, and both hold modifiers
priced as (
    select
        document_id,
        item_position,
        '' as own_path,
        'item' as part_type,
        quantity,
        price_total_cents,
        price_unit_cents,
        price_base_cents
    from items
    union all
    select
        document_id,
        item_position,
        modifier_path as own_path,
        'modifier' as part_type,
        quantity,
        price_total_cents,
        price_unit_cents,
        price_base_cents
    from modifiers
),

modifier_totals as (
    select
        document_id,
        item_position,
        coalesce(parent_path, '') as own_path,
        {{ sum_cents('price_total_cents') }} as modifiers_cents
    from modifiers
    group by document_id, item_position, coalesce(parent_path, '')
),

computed as (
    select
        priced.document_id,
        priced.part_type,
        priced.price_total_cents,
        priced.price_unit_cents,
        priced.price_base_cents + coalesce(modifier_totals.modifiers_cents, 0) as base_and_modifiers_cents,
        -- of a quantity beyond all orders the product would be too long for a decimal, and an engine would round it; of two decimals of
        -- up to 18 digits DuckDB makes one of 18
        cast(case when abs(priced.quantity) < 1000000 then priced.quantity end as decimal(15, 9))
        * cast(priced.price_unit_cents as decimal(19, 0)) as quantity_by_unit
    from priced
    left join modifier_totals
        on priced.document_id = modifier_totals.document_id
        and priced.item_position = modifier_totals.item_position
        and priced.own_path = modifier_totals.own_path
),

-- what is too dear in one and too cheap in another is equal in the sum, so those that differ are counted too
part_totals as (
    select
        document_id,
        part_type,
        {{ sum_cents('price_total_cents') }} as totals_cents,
        {{ sum_cents('price_unit_cents') }} as units_cents,
        {{ sum_cents('base_and_modifiers_cents') }} as bases_and_modifiers_cents,
        case when count(*) = count(quantity_by_unit) then sum(quantity_by_unit) end as quantities_by_units,
        count(case when price_unit_cents <> base_and_modifiers_cents then 1 end) as unequal_unit_count,
        count(
            case when quantity_by_unit = cast(quantity_by_unit as bigint) and price_total_cents <> quantity_by_unit then 1 end
        ) as unequal_total_count
    from computed
    group by document_id, part_type
),

whole_totals as (
    select
        part_totals.*,
        case
            when abs(quantities_by_units) < 1000000000000000000
                then case when quantities_by_units = cast(quantities_by_units as bigint) then cast(quantities_by_units as bigint) end
        end as quantities_by_units_cents
    from part_totals
),

item_totals as (
    select * from whole_totals
    where part_type = 'item'
),

modifier_part_totals as (
    select * from whole_totals
    where part_type = 'modifier'
),

order_promotion_totals as (
    select
        document_id,
        case when count(*) = count(discount_cents) then {{ sum_cents('discount_cents') }} end as order_promotions_cents
    from order_promotions
    group by document_id
),

applied_discount_totals as (
    select
        document_id,
        {{ sum_cents('discount_cents') }} as applied_discounts_cents
    from applied_discounts
    group by document_id
),

coupon_totals as (
    select
        document_id,
        count(*) as coupon_count
    from coupons
    group by document_id
),

splits as (
    select
        document_id,
        promotion_position,
        {{ sum_cents('amount_paid_cents') }} as funded_cents
    from promotion_funding
    group by document_id, promotion_position
),

funding_totals as (
    select
        platform_promotions.document_id,
        -- what is taken off the delivery fee may be funded with the rest, or by itself
        {{ sum_cents(
            'case when splits.funded_cents = platform_promotions.discount_cents + platform_promotions.delivery_discount_cents '
            ~ 'then splits.funded_cents else platform_promotions.discount_cents end'
        ) }} as split_promotions_cents,
        {{ sum_cents('splits.funded_cents') }} as funded_cents
    from platform_promotions
    inner join splits
        on platform_promotions.document_id = splits.document_id
        and platform_promotions.promotion_position = splits.promotion_position
    group by platform_promotions.document_id
),

payment_totals as (
    select
        document_id,
        {{ sum_cents('amount_cents') }} as payment_methods_cents
    from payment_methods
    group by document_id
),

remittance_totals as (
    select
        document_id,
        {{ sum_cents("case when remitter = 'platform' then amount_cents end") }} as platform_remittances_cents,
        count(distinct case when remitter = 'platform' then currency_code end) as currency_count
    from tax_remittances
    group by document_id
),

final as (
    select
        documents.document_id,

        documents.details_total as details_total_cents,
        documents.details_subtotal as details_subtotal_cents,
        documents.details_tax as details_tax_cents,
        documents.details_tip as details_tip_cents,
        documents.details_delivery_fee as details_delivery_fee_cents,
        documents.totals_subtotal as totals_subtotal_cents,
        documents.totals_total as totals_total_cents,
        documents.taxes_total as taxes_total_cents,
        documents.taxes_sales as taxes_sales_cents,
        documents.taxes_delivery as taxes_delivery_cents,
        documents.tip_amount as tip_amount_cents,
        documents.fees_total as fees_total_cents,
        documents.fees_delivery as fees_delivery_cents,
        documents.fees_delivery_tax as fees_delivery_tax_cents,
        documents.fees_small_order as fees_small_order_cents,
        documents.fees_bag_fee as fees_bag_fee_cents,
        documents.fees_pick_and_pack_fee as fees_pick_and_pack_fee_cents,
        documents.payments_total as payments_total_cents,
        documents.promotions_total_promo_applied as promotions_total_promo_applied_cents,
        documents.promotions_subtotal_promo_applied as promotions_subtotal_promo_applied_cents,
        documents.tax_remittance_tax_remitted_by_platform as tax_remitted_by_platform_cents,
        coalesce(item_totals.totals_cents, 0) as items_cents,
        coalesce(item_totals.units_cents, 0) as item_units_cents,
        coalesce(item_totals.bases_and_modifiers_cents, 0) as item_bases_and_modifiers_cents,
        item_totals.quantities_by_units_cents as item_quantities_by_units_cents,
        modifier_part_totals.totals_cents as modifiers_cents,
        modifier_part_totals.units_cents as modifier_units_cents,
        modifier_part_totals.bases_and_modifiers_cents as modifier_bases_and_modifiers_cents,
        modifier_part_totals.quantities_by_units_cents as modifier_quantities_by_units_cents,
        order_promotion_totals.order_promotions_cents,
        applied_discount_totals.applied_discounts_cents,
        funding_totals.split_promotions_cents,
        funding_totals.funded_cents,
        payment_totals.payment_methods_cents,
        case when remittance_totals.currency_count = 1 then remittance_totals.platform_remittances_cents end as platform_remittances_cents,

        coalesce(item_totals.unequal_unit_count, 0) as unequal_item_unit_count,
        coalesce(item_totals.unequal_total_count, 0) as unequal_item_total_count,
        coalesce(modifier_part_totals.unequal_unit_count, 0) as unequal_modifier_unit_count,
        coalesce(modifier_part_totals.unequal_total_count, 0) as unequal_modifier_total_count,

        documents.has_raw_platform_financials,
        order_promotion_totals.document_id is not null as has_order_promotions,
        coalesce(coupon_totals.coupon_count > 0, false)
        or coalesce(documents.promotions_loyalty_rewards_rewards_total <> 0, false) as has_coupons_or_rewards,
        documents.tax_remittance_is_tax_remitted_by_platform as is_tax_remitted_by_platform,
        documents.platform_metadata_tax_withheld as is_tax_withheld,

        documents.loaded_at
    from documents
    left join item_totals on documents.document_id = item_totals.document_id
    left join modifier_part_totals on documents.document_id = modifier_part_totals.document_id
    left join order_promotion_totals on documents.document_id = order_promotion_totals.document_id
    left join applied_discount_totals on documents.document_id = applied_discount_totals.document_id
    left join coupon_totals on documents.document_id = coupon_totals.document_id
    left join funding_totals on documents.document_id = funding_totals.document_id
    left join payment_totals on documents.document_id = payment_totals.document_id
    left join remittance_totals on documents.document_id = remittance_totals.document_id
)

select * from final

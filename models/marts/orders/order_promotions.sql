{{ config(pre_hook='{{ delete_restated_orders() }}', indexes=lookup_indexes(['order_id', 'loaded_at'])) }}

{%- set text = dbt.type_string() %}
{%- set newly_loaded = is_newly_loaded() %}

-- what a document holds was loaded at the moment that its version was
with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing' and {{ newly_loaded }}
),

order_promotions as (
    select * from {{ ref('int_order_promotions') }}
    where {{ newly_loaded }}
),

applied_discounts as (
    select * from {{ ref('int_order_applied_discounts') }}
    where {{ newly_loaded }}
),

loyalty_rewards as (
    select * from {{ ref('int_order_loyalty_rewards') }}
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

unioned as (
    select
        document_id,
        'order_promotion' as promotion_source,
        promotion_position,
        promotion_name,
        cast(null as {{ text }}) as promotion_type,
        cast(null as {{ text }}) as promotion_id,
        cast(null as {{ text }}) as promotion_code,
        cast(null as {{ text }}) as external_promotion_id,
        discount_percentage,
        discount_cents,
        cast(null as bigint) as delivery_discount_cents
    from order_promotions
    union all
    select
        document_id,
        'applied_discount' as promotion_source,
        promotion_position,
        null as promotion_name,
        null as promotion_type,
        promo_id as promotion_id,
        promo_code as promotion_code,
        external_campaign_id as external_promotion_id,
        null as discount_percentage,
        discount_cents,
        null as delivery_discount_cents
    from applied_discounts
    union all
    select
        document_id,
        'loyalty_reward' as promotion_source,
        promotion_position,
        null as promotion_name,
        null as promotion_type,
        null as promotion_id,
        null as promotion_code,
        null as external_promotion_id,
        null as discount_percentage,
        null as discount_cents,
        null as delivery_discount_cents
    from loyalty_rewards
    union all
    select
        document_id,
        'coupon' as promotion_source,
        promotion_position,
        coupon_text as promotion_name,
        null as promotion_type,
        null as promotion_id,
        null as promotion_code,
        null as external_promotion_id,
        null as discount_percentage,
        discount_cents,
        null as delivery_discount_cents
    from coupons
    union all
    select
        document_id,
        'platform_promotion' as promotion_source,
        promotion_position,
        null as promotion_name,
        promo_type as promotion_type,
        promotion_uuid as promotion_id,
        null as promotion_code,
        external_promotion_id,
        promo_discount_percentage as discount_percentage,
        discount_cents,
        delivery_discount_cents
    from platform_promotions
),

final as (
    select
        versions.order_id,
        unioned.promotion_source,
        unioned.promotion_position,
        unioned.promotion_id,
        unioned.external_promotion_id,

        unioned.promotion_name,
        unioned.promotion_type,
        unioned.promotion_code,
        cast(unioned.discount_percentage as decimal(28, 9)) as discount_percentage,

        unioned.discount_cents,
        unioned.delivery_discount_cents,

        versions.loaded_at
    from versions
    inner join unioned on versions.document_id = unioned.document_id
)

select * from final

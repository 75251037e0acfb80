{#
  The order document, declared once. Both schema versions are one declaration: the previous one is the present one without
  rawPlatformFinancials, and what only one of them has is optional.

  A leaf is [path, type, part].
  type: 'text', 'cents', 'number', 'boolean', 'time', 'object' or 'array'.
  part: 'required' (a document without it is rejected), 'expected' (its absence is a finding, no more) or 'optional'.
  An object is declared before its leaves. A leaf below an optional object is only asked for where that object is there.
  Marks follow: 'personal' leaves go to the restricted marts alone; a 'money' array holds amounts in its elements, so that another
  kind in its place rejects the document, as it does for an object that has money leaves.
#}
{% macro order_document_leaves() %}
    {{ return([
        ['id', 'text', 'required'],
        ['status', 'text', 'required'],
        ['deliveryStatus', 'text', 'optional'],
        ['createdAt', 'time', 'required'],
        ['updatedAt', 'time', 'required'],
        ['cancellation', 'object', 'optional'],
        ['cancellation.by', 'text', 'expected'],
        ['cancellation.reason', 'text', 'expected', 'personal'],
        ['cancellation.at', 'time', 'expected'],
        ['store', 'object', 'required'],
        ['store.id', 'text', 'expected'],
        ['store.externalId', 'text', 'optional'],
        ['store.location', 'text', 'optional'],
        ['store.brand', 'text', 'optional'],
        ['store.platform', 'text', 'required'],
        ['details', 'object', 'required'],
        ['details.externalId', 'text', 'required'],
        ['details.externalReadableOrderNum', 'text', 'optional'],
        ['details.source', 'text', 'optional'],
        ['details.placedAt', 'time', 'required'],
        ['details.estimatedPickupAt', 'time', 'optional'],
        ['details.isPickup', 'boolean', 'required'],
        ['details.consumer', 'object', 'expected', 'personal'],
        ['details.consumer.id', 'text', 'optional', 'personal'],
        ['details.consumer.name', 'text', 'expected', 'personal'],
        ['details.consumer.email', 'text', 'optional', 'personal'],
        ['details.consumer.phone', 'text', 'optional', 'personal'],
        ['details.consumer.code', 'text', 'optional', 'personal'],
        ['details.consumers', 'array', 'expected', 'personal'],
        ['details.isGroupOrder', 'boolean', 'expected'],
        ['details.note', 'text', 'expected', 'personal'],
        ['details.deliveryNote', 'text', 'expected', 'personal'],
        ['details.isMerchantDelivery', 'boolean', 'required'],
        ['details.deliveryAddress', 'object', 'optional', 'personal'],
        ['details.deliveryAddress.googlePlaceId', 'text', 'optional', 'personal'],
        ['details.deliveryAddress.lat', 'number', 'optional', 'personal'],
        ['details.deliveryAddress.lng', 'number', 'optional', 'personal'],
        ['details.deliveryAddress.label', 'text', 'expected', 'personal'],
        ['details.deliveryAddress.raw', 'text', 'expected', 'personal'],
        ['details.courier', 'object', 'optional', 'personal'],
        ['details.courier.name', 'text', 'optional', 'personal'],
        ['details.courier.phone', 'text', 'optional', 'personal'],
        ['details.courier.code', 'text', 'optional', 'personal'],
        ['details.total', 'cents', 'required'],
        ['details.subtotal', 'cents', 'required'],
        ['details.tax', 'cents', 'required'],
        ['details.tip', 'cents', 'required'],
        ['details.deliveryFee', 'cents', 'required'],
        ['details.utensils', 'boolean', 'optional'],
        ['details.items', 'array', 'required', 'money'],
        ['details.promotions', 'array', 'optional', 'money'],
        ['rawPlatformFinancials', 'object', 'optional'],
        ['rawPlatformFinancials.totals', 'object', 'required'],
        ['rawPlatformFinancials.totals.subtotal', 'cents', 'required'],
        ['rawPlatformFinancials.totals.total', 'cents', 'optional'],
        ['rawPlatformFinancials.totals.grandTotal', 'cents', 'optional'],
        ['rawPlatformFinancials.totals.merchantTotal', 'cents', 'optional'],
        ['rawPlatformFinancials.totals.dinerGrandTotal', 'cents', 'optional'],
        ['rawPlatformFinancials.totals.adjustedGrandTotal', 'cents', 'optional'],
        ['rawPlatformFinancials.totals.subtotalBeforeCoupons', 'cents', 'optional'],
        ['rawPlatformFinancials.taxes', 'object', 'required'],
        ['rawPlatformFinancials.taxes.total', 'cents', 'required'],
        ['rawPlatformFinancials.taxes.sales', 'cents', 'optional'],
        ['rawPlatformFinancials.taxes.delivery', 'cents', 'optional'],
        ['rawPlatformFinancials.taxes.restaurant', 'cents', 'optional'],
        ['rawPlatformFinancials.taxes.merchantTotal', 'cents', 'optional'],
        ['rawPlatformFinancials.taxes.merchantSalesTotal', 'cents', 'optional'],
        ['rawPlatformFinancials.taxes.taxSource', 'text', 'optional'],
        ['rawPlatformFinancials.taxRemittance', 'object', 'optional'],
        ['rawPlatformFinancials.taxRemittance.isTaxRemittedByPlatform', 'boolean', 'expected'],
        ['rawPlatformFinancials.taxRemittance.taxRemittedByPlatform', 'cents', 'optional'],
        ['rawPlatformFinancials.taxRemittance.platformTaxRemittance', 'array', 'optional', 'money'],
        ['rawPlatformFinancials.taxRemittance.restaurantTaxRemittance', 'array', 'optional', 'money'],
        ['rawPlatformFinancials.taxRemittance.courierTaxRemittance', 'array', 'optional', 'money'],
        ['rawPlatformFinancials.taxRemittance.eaterTaxRemittance', 'array', 'optional', 'money'],
        ['rawPlatformFinancials.tip', 'object', 'optional'],
        ['rawPlatformFinancials.tip.amount', 'cents', 'optional'],
        ['rawPlatformFinancials.tip.type', 'text', 'optional'],
        ['rawPlatformFinancials.fees', 'object', 'optional'],
        ['rawPlatformFinancials.fees.total', 'cents', 'optional'],
        ['rawPlatformFinancials.fees.delivery', 'cents', 'optional'],
        ['rawPlatformFinancials.fees.deliveryTax', 'cents', 'optional'],
        ['rawPlatformFinancials.fees.smallOrder', 'cents', 'optional'],
        ['rawPlatformFinancials.fees.smallOrderTax', 'cents', 'optional'],
        ['rawPlatformFinancials.fees.totalFeeTax', 'cents', 'optional'],
        ['rawPlatformFinancials.fees.bagFee', 'cents', 'optional'],
        ['rawPlatformFinancials.fees.pickAndPackFee', 'cents', 'optional'],
        ['rawPlatformFinancials.payments', 'object', 'optional'],
        ['rawPlatformFinancials.payments.total', 'cents', 'optional'],
        ['rawPlatformFinancials.payments.adjustedTotal', 'cents', 'optional'],
        ['rawPlatformFinancials.payments.paymentMethods', 'array', 'optional', 'money'],
        ['rawPlatformFinancials.promotions', 'object', 'optional'],
        ['rawPlatformFinancials.promotions.appliedDiscounts', 'array', 'optional', 'money'],
        ['rawPlatformFinancials.promotions.loyaltyRewards', 'object', 'optional'],
        ['rawPlatformFinancials.promotions.loyaltyRewards.rewards', 'array', 'optional'],
        ['rawPlatformFinancials.promotions.loyaltyRewards.rewardsTotal', 'cents', 'required'],
        ['rawPlatformFinancials.promotions.coupons', 'array', 'optional', 'money'],
        ['rawPlatformFinancials.promotions.platformPromotions', 'array', 'optional', 'money'],
        ['rawPlatformFinancials.promotions.totalPromoApplied', 'cents', 'optional'],
        ['rawPlatformFinancials.promotions.subtotalPromoApplied', 'cents', 'optional'],
        ['rawPlatformFinancials.promotions.taxPromoApplied', 'cents', 'optional'],
        ['rawPlatformFinancials.platformMetadata', 'object', 'optional'],
        ['rawPlatformFinancials.platformMetadata.commissionType', 'text', 'optional'],
        ['rawPlatformFinancials.platformMetadata.isDemandGen', 'boolean', 'optional'],
        ['rawPlatformFinancials.platformMetadata.subtotalForTax', 'cents', 'optional'],
        ['rawPlatformFinancials.platformMetadata.subtotalDiscountFundingSource', 'text', 'optional'],
        ['rawPlatformFinancials.platformMetadata.storeOrderCartId', 'text', 'optional'],
        ['rawPlatformFinancials.platformMetadata.taxWithheld', 'boolean', 'optional'],
        ['rawPlatformFinancials.platformMetadata.restaurantSubtotal', 'cents', 'optional'],
        ['rawPlatformFinancials.platformMetadata.currencyCode', 'text', 'optional'],
    ]) }}
{% endmacro %}

{# The leaves of an element of details.items; its modifiers nest. Same form as order_document_leaves. #}
{% macro order_item_leaves() %}
    {{ return([
        ['id', 'text', 'expected'],
        ['sku', 'text', 'optional'],
        ['name', 'text', 'expected'],
        ['quantity', 'number', 'required'],
        ['price', 'object', 'required'],
        ['price.total', 'cents', 'required'],
        ['price.unit', 'cents', 'required'],
        ['price.base', 'cents', 'required'],
        ['price.menu', 'cents', 'required'],
        ['note', 'text', 'optional', 'personal'],
        ['modifiers', 'array', 'expected', 'money'],
    ]) }}
{% endmacro %}

{# The leaves of an element of details.promotions. Same form as order_document_leaves. #}
{% macro order_promotion_leaves() %}
    {{ return([
        ['name', 'text', 'optional'],
        ['discountValue', 'cents', 'optional'],
        ['discountPercentage', 'number', 'optional'],
    ]) }}
{% endmacro %}

{# The leaves of an element of promotions.platformPromotions. Same form as order_document_leaves. #}
{% macro platform_promotion_leaves() %}
    {{ return([
        ['promoType', 'text', 'expected'],
        ['promotionUuid', 'text', 'optional'],
        ['externalPromotionId', 'text', 'optional'],
        ['promoDiscountValue', 'cents', 'required'],
        ['promoDiscountPercentage', 'number', 'optional'],
        ['promoDeliveryFeeValue', 'cents', 'optional'],
        ['discountItems', 'array', 'optional'],
        ['fundingSplits', 'array', 'optional', 'money'],
    ]) }}
{% endmacro %}

{# The leaves of an element of a platform promotion's fundingSplits. Same form as order_document_leaves. #}
{% macro funding_split_leaves() %}
    {{ return([
        ['fundingSource', 'text', 'required'],
        ['amountPaid', 'cents', 'required'],
    ]) }}
{% endmacro %}

{# The leaves of a modifier; its own modifiers nest. Same form as order_document_leaves. #}
{% macro order_modifier_leaves() %}
    {{ return([
        ['id', 'text', 'expected'],
        ['sku', 'text', 'optional'],
        ['name', 'text', 'expected'],
        ['quantity', 'number', 'required'],
        ['price', 'object', 'required'],
        ['price.total', 'cents', 'required'],
        ['price.unit', 'cents', 'required'],
        ['price.base', 'cents', 'required'],
        ['price.menu', 'cents', 'required'],
        ['modifierGroup', 'object', 'optional'],
        ['modifierGroup.id', 'text', 'expected'],
        ['modifierGroup.name', 'text', 'expected'],
        ['modifiers', 'array', 'optional', 'money'],
    ]) }}
{% endmacro %}

{# The leaves of an element of details.consumers. Same form as order_document_leaves. #}
{% macro consumer_leaves() %}
    {{ return([
        ['id', 'text', 'optional', 'personal'],
        ['name', 'text', 'expected', 'personal'],
        ['email', 'text', 'optional', 'personal'],
        ['phone', 'text', 'optional', 'personal'],
        ['code', 'text', 'optional', 'personal'],
    ]) }}
{% endmacro %}

{# The leaves of an element of the four arrays in taxRemittance. Same form as order_document_leaves. #}
{% macro money_breakdown_leaves() %}
    {{ return([
        ['amount', 'cents', 'required'],
        ['currencyCode', 'text', 'expected'],
    ]) }}
{% endmacro %}

{# The leaves of an element of payments.paymentMethods. Same form as order_document_leaves. #}
{% macro payment_method_leaves() %}
    {{ return([
        ['paymentType', 'text', 'expected'],
        ['amount', 'cents', 'required'],
        ['taxApplication', 'text', 'optional'],
        ['paymentSource', 'text', 'optional'],
    ]) }}
{% endmacro %}

{# The leaves of an element of promotions.appliedDiscounts. Same form as order_document_leaves. #}
{% macro applied_discount_leaves() %}
    {{ return([
        ['discountAmount', 'cents', 'required'],
        ['promoId', 'text', 'optional'],
        ['promoCode', 'text', 'optional'],
        ['externalCampaignId', 'text', 'optional'],
    ]) }}
{% endmacro %}

{# The leaves of an element of promotions.coupons. Same form as order_document_leaves. #}
{% macro coupon_leaves() %}
    {{ return([
        ['text', 'text', 'expected'],
        ['amount', 'cents', 'required'],
    ]) }}
{% endmacro %}

{# The leaves of an element of a platform promotion's discountItems. Same form as order_document_leaves. #}
{% macro discount_item_leaves() %}
    {{ return([
        ['externalId', 'text', 'expected'],
        ['discountedQuantity', 'number', 'expected'],
    ]) }}
{% endmacro %}

{#
  The column that a leaf is read into: snake case, without the words 'rawPlatformFinancials'. 'details.externalId' -> 'details_external_id'.
  path: string. Returns string. Money columns end in _cents where a model exposes them; here they carry the bare name.
#}
{% macro leaf_column(path) %}
    {%- set short = path | replace('rawPlatformFinancials.', '') | replace('rawPlatformFinancials', 'raw_platform_financials') -%}
    {{ return(modules.re.sub('([a-z0-9])([A-Z])', '\\1_\\2', short) | replace('.', '_') | lower) }}
{% endmacro %}

{# How deep modifiers may nest: deeper is a finding. Returns: integer. #}
{% macro max_modifier_depth() %}{{ return(50) }}{% endmacro %}

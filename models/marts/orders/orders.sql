{{ config(incremental_strategy='delete+insert', unique_key='order_id', indexes=lookup_indexes(['order_id', 'last_loaded_at'])) }}

with

versions as (
    select * from {{ ref('int_order_versions') }}
    where order_id is not null
),

documents as (
    select * from {{ ref('int_order_documents') }}
),

order_stores as (
    select * from {{ ref('int_order_stores') }}
),

items as (
    select * from {{ ref('int_order_items') }}
),

{% if is_incremental() -%}
-- orders with a newly loaded document, and those whose store is mapped otherwise than when they were last written
affected_orders as (
    select order_id
    from {{ ref('int_order_versions') }}
    where order_id is not null and loaded_at > {{ loaded_until(this, 'last_loaded_at') }}
    union
    select order_stores.order_id
    from order_stores
    inner join {{ this }} as written on order_stores.order_id = written.order_id
    where
        order_stores.store_id is distinct from written.store_id
        or order_stores.merchant_id is distinct from written.merchant_id
        or order_stores.time_zone is distinct from written.time_zone
        or order_stores.store_currency_code is distinct from written.store_currency_code
),
{%- else -%}
affected_orders as (
    select distinct order_id
    from versions
),
{%- endif %}

affected_versions as (
    select versions.*
    from versions
    inner join affected_orders on versions.order_id = affected_orders.order_id
),

version_counts as (
    select
        order_id,
        count(*) as version_count,
        cast(sum(case when version_state = 'rejected' then 1 else 0 end) as bigint) as rejected_version_count,
        min(received_at) as first_received_at,
        max(received_at) as last_received_at,
        max(loaded_at) as last_loaded_at
    from affected_versions
    group by order_id
),

standing as (
    select * from affected_versions
    where version_state = 'standing'
),

-- by the order in which versions stand; one whose own time cannot be read is as new as its receipt
newer_rejections as (
    select distinct rejected.order_id
    from affected_versions as rejected
    inner join standing on rejected.order_id = standing.order_id
    where
        rejected.version_state = 'rejected'
        and (
            coalesce(rejected.updated_at, rejected.received_at) > standing.updated_at
            or (
                coalesce(rejected.updated_at, rejected.received_at) = standing.updated_at
                and (
                    rejected.received_at > standing.received_at
                    or (rejected.received_at = standing.received_at and rejected.source_row_number > standing.source_row_number)
                )
            )
        )
),

item_counts as (
    select
        items.document_id,
        count(*) as item_count
    from items
    inner join standing on items.document_id = standing.document_id {{ and_loaded_together('items', 'standing') }}
    group by items.document_id
),

final as (
    select
        standing.order_id,
        standing.document_id,
        order_stores.store_id,
        order_stores.merchant_id,

        order_stores.platform,
        documents.details_external_id as platform_order_id,
        documents.details_external_readable_order_num as readable_order_number,
        documents.details_source as integration_version,
        documents.status as order_status,
        documents.delivery_status,
        {{ fulfilment('documents.details_is_pickup', 'documents.details_is_merchant_delivery') }} as fulfilment,
        order_stores.partner_store_code,
        documents.store_id as order_api_store_id,
        documents.store_location,
        documents.store_brand,
        order_stores.time_zone,
        order_stores.store_currency_code,
        coalesce(
            upper(nullif({{ trimmed('documents.platform_metadata_currency_code') }}, '')),
            order_stores.store_currency_code
        ) as currency_code,
        documents.cancellation_by as cancelled_by,
        case when documents.has_raw_platform_financials then 'current' else 'previous' end as schema_version,
        coalesce(item_counts.item_count, 0) as item_count,
        version_counts.version_count,
        version_counts.rejected_version_count,

        documents.details_total as total_cents,
        documents.details_subtotal as subtotal_cents,
        documents.details_tax as tax_cents,
        documents.details_tip as tip_cents,
        documents.details_delivery_fee as delivery_fee_cents,

        documents.details_is_pickup as is_pickup,
        documents.details_is_merchant_delivery as is_merchant_delivery,
        documents.details_is_group_order as is_group_order,
        documents.details_utensils as has_utensils,
        documents.has_cancellation as is_cancelled,
        order_stores.is_store_known,
        newer_rejections.order_id is not null as has_newer_rejected_version,

        order_stores.order_date,
        documents.details_placed_at as placed_at,
        documents.details_estimated_pickup_at as estimated_pickup_at,
        documents.created_at,
        documents.updated_at,
        documents.cancellation_at as cancelled_at,
        version_counts.first_received_at,
        version_counts.last_received_at,
        version_counts.last_loaded_at
    from standing
    inner join documents on standing.document_id = documents.document_id {{ and_loaded_together('standing', 'documents') }}
    inner join order_stores on standing.order_id = order_stores.order_id
    inner join version_counts on standing.order_id = version_counts.order_id
    left join item_counts on standing.document_id = item_counts.document_id
    left join newer_rejections on standing.order_id = newer_rejections.order_id
)

select * from final

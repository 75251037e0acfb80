{{ config(
    schema='restricted',
    incremental_strategy='delete+insert',
    unique_key='order_id',
    indexes=lookup_indexes(['order_id', 'loaded_at']),
) }}

{%- set newly_loaded = is_newly_loaded() %}

-- what a document holds was loaded at the moment that its version was
with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing' and {{ newly_loaded }}
),

documents as (
    select * from {{ ref('int_order_documents') }}
    where {{ newly_loaded }}
),

final as (
    select
        versions.order_id,

        documents.details_note as order_note,
        documents.details_delivery_note as delivery_note,
        documents.cancellation_reason,
        documents.details_delivery_address_google_place_id as address_google_place_id,
        documents.details_delivery_address_label as address_label,
        documents.details_delivery_address_raw as address_raw,
        documents.details_delivery_address_lat as address_latitude,
        documents.details_delivery_address_lng as address_longitude,
        documents.details_courier_name as courier_name,
        documents.details_courier_phone as courier_phone,
        documents.details_courier_code as courier_phone_code,

        documents.has_details_delivery_address as has_address,
        documents.has_details_courier as has_courier,

        versions.loaded_at
    from versions
    inner join documents on versions.document_id = documents.document_id
)

select * from final

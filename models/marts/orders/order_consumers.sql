{{ config(schema='restricted', pre_hook='{{ delete_restated_orders() }}', indexes=lookup_indexes(['order_id', 'loaded_at'])) }}

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

consumers as (
    select * from {{ ref('int_order_consumers') }}
    where {{ newly_loaded }}
),

-- the primary customer stands at position 0, those of a group order from 1
primary_consumers as (
    select
        document_id,
        cast(0 as bigint) as consumer_position,
        details_consumer_id as consumer_id,
        details_consumer_name as consumer_name,
        details_consumer_email as email,
        details_consumer_phone as phone,
        details_consumer_code as phone_code
    from documents
    where has_details_consumer
),

all_consumers as (
    select * from primary_consumers
    union all
    select
        document_id,
        consumer_position,
        consumer_id,
        consumer_name,
        email,
        phone,
        phone_code
    from consumers
),

final as (
    select
        versions.order_id,
        all_consumers.consumer_position,
        all_consumers.consumer_id,

        all_consumers.consumer_name,
        all_consumers.email,
        all_consumers.phone,
        all_consumers.phone_code,

        all_consumers.consumer_position = 0 as is_primary,

        versions.loaded_at
    from versions
    inner join all_consumers on versions.document_id = all_consumers.document_id
)

select * from final

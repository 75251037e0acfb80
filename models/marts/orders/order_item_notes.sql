{{ config(schema='restricted', pre_hook='{{ delete_restated_orders() }}', indexes=lookup_indexes(['order_id', 'loaded_at'])) }}

{%- set newly_loaded = is_newly_loaded() %}

-- what a document holds was loaded at the moment that its version was
with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing' and {{ newly_loaded }}
),

items as (
    select * from {{ ref('int_order_items') }}
    where {{ newly_loaded }}
),

final as (
    select
        versions.order_id,
        items.item_position,

        items.note,

        versions.loaded_at
    from versions
    inner join items on versions.document_id = items.document_id
    where items.note is not null
)

select * from final

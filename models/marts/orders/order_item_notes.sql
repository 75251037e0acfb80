{{ config(schema='restricted') }}

with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing'
),

items as (
    select * from {{ ref('int_order_items') }}
),

final as (
    select
        versions.order_id,
        items.item_position,

        items.note
    from versions
    inner join items on versions.document_id = items.document_id
    where items.note is not null
)

select * from final

{{ config(
    pre_hook=['{{ delete_otherwise_mapped_orders() }}', '{{ delete_restated_orders() }}'],
    indexes=lookup_indexes(['order_id', 'loaded_at']),
) }}

with

unmapped_versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing' and {{ is_unmapped_order('int_order_versions.order_id') }}
),

reading as (
    select * from {{ ref('int_store_reading') }}
),

mapped as (
    {{ order_stores('unmapped_versions') }}
),

final as (
    select
        mapped.*,
        reading.reading_id,
        unmapped_versions.loaded_at
    from mapped
    inner join unmapped_versions on mapped.order_id = unmapped_versions.order_id
    cross join reading
)

select * from final

{{ config(pre_hook='{{ delete_restated_orders() }}', indexes=lookup_indexes(['order_id', 'loaded_at'])) }}

with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing' and {{ is_newly_loaded() }}
),

final as (
    select
        order_id,
        document_id,

        other_findings as findings,

        loaded_at
    from versions
    where other_findings is not null
)

select * from final

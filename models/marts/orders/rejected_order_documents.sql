{{ config(indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

with

versions as (
    select * from {{ ref('int_order_versions') }}
),

final as (
    select
        document_id,
        order_id,

        received_from,
        source_file_name,
        source_row_number,
        rejecting_findings as findings,

        received_at,
        loaded_at
    from versions
    where version_state = 'rejected' and {{ is_newly_loaded() }}
)

select * from final

with

loaded_files as (
    select * from {{ ref('stg_coco_load__loaded_files') }}
),

refused_files as (
    select * from {{ ref('stg_coco_load__refused_files') }}
),

loaded as (
    select
        source_file_hash,

        'loaded' as file_state,
        source_file_name,
        content_kind,
        content_format,
        cast(null as {{ dbt.type_string() }}) as refusal_reason,

        landed_row_count,

        loaded_at as recorded_at
    from loaded_files
),

refused as (
    select
        source_file_hash,

        'refused' as file_state,
        source_file_name,
        cast(null as {{ dbt.type_string() }}) as content_kind,
        cast(null as {{ dbt.type_string() }}) as content_format,
        reason as refusal_reason,

        cast(null as bigint) as landed_row_count,

        refused_at as recorded_at
    from refused_files
),

both_states as (
    select * from loaded
    union all
    select * from refused
),

final as (
    select * from both_states
    where recorded_at <= {{ as_of_timestamp() }}
)

select * from final

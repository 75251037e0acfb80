{% set columns = raw_columns(source('coco_load', 'refused_files')) %}

with

source as (
    select * from {{ source('coco_load', 'refused_files') }}
),

renamed as (
    select
        {{ raw_column(columns, 'source_file_hash', 'string') }} as source_file_hash,

        {{ raw_column(columns, 'source_file_name', 'string') }} as source_file_name,
        {{ raw_column(columns, 'reason', 'string') }} as reason,

        {{ raw_column(columns, 'refused_at', 'timestamp') }} as refused_at
    from source
),

final as (
    select * from renamed
)

select * from final

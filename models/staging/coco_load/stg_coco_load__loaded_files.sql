{% set columns = raw_columns(source('coco_load', 'loaded_files')) %}

with

source as (
    select * from {{ source('coco_load', 'loaded_files') }}
),

renamed as (
    select
        {{ raw_column(columns, 'source_file_hash', 'string') }} as source_file_hash,

        {{ raw_column(columns, 'source_file_name', 'string') }} as source_file_name,
        {{ raw_column(columns, 'content_kind', 'string') }} as content_kind,
        {{ raw_column(columns, 'content_format', 'string') }} as content_format,
        {{ raw_column(columns, 'row_count', 'bigint') }} as landed_row_count,

        {{ raw_column(columns, 'loaded_at', 'timestamp') }} as loaded_at
    from source
),

final as (
    select * from renamed
)

select * from final

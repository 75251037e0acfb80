{% set columns = raw_columns(source('coco_close', 'closed_periods')) %}

with

source as (
    select * from {{ source('coco_close', 'closed_periods') }}
),

renamed as (
    select
        {{ text_to_date('period_month_date') }} as period_month_date,
        {{ raw_column(columns, 'closed_at', 'timestamp') }} as closed_at,
        {{ raw_column(columns, 'as_of_at', 'timestamp') }} as as_of_at,
        {{ raw_column(columns, 'preparer', 'string') }} as preparer,
        {{ raw_column(columns, 'reviewer', 'string') }} as reviewer,
        {{ raw_column(columns, 'project_version', 'string') }} as project_version,
        {{ raw_column(columns, 'posting_count', 'bigint') }} as posting_count,
        {{ raw_column(columns, 'journal_line_count', 'bigint') }} as journal_line_count,
        {{ raw_column(columns, 'open_exception_count', 'bigint') }} as open_exception_count,
        {{ raw_column(columns, 'frozen_hash', 'string') }} as frozen_hash,
        {{ raw_column(columns, 'certificate_hash', 'string') }} as certificate_hash,
        {{ raw_column(columns, 'certificate', 'json') }} as certificate
    from source
),

final as (
    select * from renamed
)

select * from final

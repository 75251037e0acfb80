{% set columns = raw_columns(source('order_api', 'order_documents')) %}

with

-- from the table itself: past a select of its columns DuckDB takes no condition on loaded_at into the scan, and reads all documents
renamed as (
    select
        {{ raw_column(columns, 'document_id', 'string') }} as document_id,
        {{ raw_column(columns, 'source_file_hash', 'string') }} as source_file_hash,

        {{ raw_column(columns, 'received_from', 'string') }} as received_from,
        {{ raw_column(columns, 'document', 'string') }} as document,
        nullif({{ trimmed(raw_column(columns, 'document_error', 'string')) }}, '') as document_error,
        {{ raw_column(columns, 'source_file_name', 'string') }} as source_file_name,
        {{ raw_column(columns, 'source_row_number', 'bigint') }} as source_row_number,

        {{ raw_column(columns, 'received_at', 'timestamp') }} as received_at,
        {{ raw_column(columns, 'loaded_at', 'timestamp') }} as loaded_at
    from {{ source('order_api', 'order_documents') }}
),

final as (
    select * from renamed
)

select * from final

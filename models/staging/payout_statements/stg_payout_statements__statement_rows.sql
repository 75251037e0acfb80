{% set columns = raw_columns(source('payout_statements', 'statement_rows')) %}

with

source as (
    select * from {{ source('payout_statements', 'statement_rows') }}
),

renamed as (
    select
        {{ raw_column(columns, 'source_file_hash', 'string') }} as source_file_hash,
        {{ raw_column(columns, 'source_row_number', 'bigint') }} as source_row_number,

        {{ raw_column(columns, 'statement_format', 'string') }} as statement_format,
        {{ raw_column(columns, 'source_file_name', 'string') }} as source_file_name,
        {{ raw_column(columns, 'row_data', 'json') }} as row_data,

        {{ raw_column(columns, 'loaded_at', 'timestamp') }} as loaded_at
    from source
),

final as (
    select * from renamed
)

select * from final

{% set columns = raw_columns(source('bank', 'transactions')) %}

with

source as (
    select * from {{ source('bank', 'transactions') }}
),

renamed as (
    select
        {{ raw_column(columns, 'source_file_hash', 'string') }} as source_file_hash,
        {{ raw_column(columns, 'source_row_number', 'bigint') }} as source_row_number,
        {{ raw_column(columns, 'transaction_id', 'string') }} as bank_transaction_id,
        {{ raw_column(columns, 'account_id', 'string') }} as bank_account_id,

        upper({{ trimmed(raw_column(columns, 'currency', 'string')) }}) as currency_code,
        {{ raw_column(columns, 'description', 'string') }} as description,
        {{ raw_column(columns, 'reference', 'string') }} as payment_reference,
        {{ raw_column(columns, 'source_file_name', 'string') }} as source_file_name,

        {{ text_to_cents('amount') }} as amount_cents,

        {{ is_amount_text('amount') }} as is_amount_readable,

        {{ text_to_date('posted_date') }} as posted_date,
        {{ raw_column(columns, 'loaded_at', 'timestamp') }} as loaded_at
    from source
),

final as (
    select * from renamed
)

select * from final

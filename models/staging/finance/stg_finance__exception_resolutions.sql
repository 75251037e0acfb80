{% set columns = raw_columns(source('finance', 'exception_resolutions')) %}

with

source as (
    select * from {{ source('finance', 'exception_resolutions') }}
),

renamed as (
    select
        {{ raw_column(columns, 'resolution_id', 'string') }} as resolution_id,
        {{ raw_column(columns, 'exception_id', 'string') }} as exception_id,
        {{ raw_column(columns, 'subject_id', 'string') }} as subject_id,
        {{ raw_column(columns, 'order_id', 'string') }} as order_id,
        {{ raw_column(columns, 'statement_line_id', 'string') }} as statement_line_id,
        {{ raw_column(columns, 'payout_id', 'string') }} as payout_id,
        {{ raw_column(columns, 'deposit_id', 'string') }} as deposit_id,
        {{ raw_column(columns, 'store_id', 'string') }} as store_id,
        {{ raw_column(columns, 'merchant_id', 'string') }} as merchant_id,

        {{ raw_column(columns, 'platform', 'string') }} as platform,
        {{ raw_column(columns, 'legal_entity', 'string') }} as legal_entity,
        {{ raw_column(columns, 'currency_code', 'string') }} as currency_code,
        {{ raw_column(columns, 'subject_type', 'string') }} as subject_type,
        {{ raw_column(columns, 'break_class', 'string') }} as break_class,
        {{ raw_column(columns, 'resolution_code', 'string') }} as resolution_code,
        {{ raw_column(columns, 'reason', 'string') }} as reason,
        {{ raw_column(columns, 'resolved_by', 'string') }} as resolved_by,
        {{ raw_column(columns, 'owner', 'string') }} as owner,
        {{ raw_column(columns, 'evidence_reference', 'string') }} as evidence_reference,
        {{ raw_column(columns, 'source_file_hash', 'string') }} as source_file_hash,
        {{ raw_column(columns, 'source_file_name', 'string') }} as source_file_name,
        {{ raw_column(columns, 'source_row_number', 'bigint') }} as source_row_number,

        {{ raw_column(columns, 'amount_cents', 'bigint') }} as amount_cents,
        {{ raw_column(columns, 'exception_cents', 'bigint') }} as exception_cents,

        {{ text_to_date("period || '-01'") }} as period_month_date,
        {{ text_to_date('posting_date') }} as posting_date,
        {{ text_to_date('first_seen_date') }} as first_seen_date,
        {{ text_to_date('due_date') }} as due_date,
        {{ raw_column(columns, 'loaded_at', 'timestamp') }} as loaded_at
    from source
),

final as (
    select * from renamed
)

select * from final

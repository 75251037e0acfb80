{% set columns = raw_columns(source('coco_close', 'closed_postings')) %}

with

source as (
    select * from {{ source('coco_close', 'closed_postings') }}
),

renamed as (
    select
        {{ raw_column(columns, 'posting_id', 'string') }} as posting_id,
        {{ raw_column(columns, 'journal_entry_id', 'string') }} as journal_entry_id,
        {{ raw_column(columns, 'order_id', 'string') }} as order_id,
        {{ raw_column(columns, 'merchant_id', 'string') }} as merchant_id,
        {{ raw_column(columns, 'store_id', 'string') }} as store_id,
        {{ raw_column(columns, 'entry_merchant_id', 'string') }} as entry_merchant_id,
        {{ raw_column(columns, 'entry_source_id', 'string') }} as entry_source_id,
        {{ raw_column(columns, 'source_id', 'string') }} as source_id,
        {{ raw_column(columns, 'legal_entity', 'string') }} as legal_entity,
        {{ raw_column(columns, 'entry_type', 'string') }} as entry_type,
        {{ raw_column(columns, 'source_type', 'string') }} as source_type,
        {{ raw_column(columns, 'platform', 'string') }} as platform,
        {{ raw_column(columns, 'entry_platform', 'string') }} as entry_platform,
        {{ raw_column(columns, 'currency_code', 'string') }} as currency_code,
        {{ raw_column(columns, 'account_code', 'string') }} as account_code,
        {{ raw_column(columns, 'charge_type', 'string') }} as charge_type,
        {{ raw_column(columns, 'posted_cents', 'bigint') }} as posted_cents,
        {{ text_to_date('entry_date') }} as entry_date,
        {{ text_to_date('period_month_date') }} as period_month_date,
        {{ raw_column(columns, 'closed_at', 'timestamp') }} as closed_at
    from source
),

final as (
    select * from renamed
)

select * from final

{% set columns = raw_columns(source('coco_close', 'closed_exceptions')) %}

with

source as (
    select * from {{ source('coco_close', 'closed_exceptions') }}
),

renamed as (
    select
        {{ text_to_date('period_month_date') }} as period_month_date,
        {{ raw_column(columns, 'exception_id', 'string') }} as exception_id,
        {{ raw_column(columns, 'store_id', 'string') }} as store_id,
        {{ raw_column(columns, 'merchant_id', 'string') }} as merchant_id,
        {{ raw_column(columns, 'platform', 'string') }} as platform,
        {{ raw_column(columns, 'legal_entity', 'string') }} as legal_entity,
        {{ raw_column(columns, 'currency_code', 'string') }} as currency_code,
        {{ raw_column(columns, 'subject_type', 'string') }} as subject_type,
        {{ raw_column(columns, 'subject_id', 'string') }} as subject_id,
        {{ raw_column(columns, 'break_class', 'string') }} as break_class,
        {{ raw_column(columns, 'status', 'string') }} as status,
        {{ raw_column(columns, 'owner', 'string') }} as owner,
        {{ raw_column(columns, 'aging_bucket', 'string') }} as aging_bucket,
        {{ raw_column(columns, 'open_cents', 'bigint') }} as open_cents,
        {{ text_to_date('due_date') }} as due_date,
        {{ raw_column(columns, 'closed_at', 'timestamp') }} as closed_at
    from source
),

final as (
    select * from renamed
)

select * from final

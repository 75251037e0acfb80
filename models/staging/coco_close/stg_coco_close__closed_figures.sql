{% set columns = raw_columns(source('coco_close', 'closed_figures')) %}

with

source as (
    select * from {{ source('coco_close', 'closed_figures') }}
),

renamed as (
    select
        {{ raw_column(columns, 'closed_figure_id', 'string') }} as closed_figure_id,
        {{ text_to_date('period_month_date') }} as period_month_date,
        {{ text_to_date('figure_month_date') }} as figure_month_date,
        {{ raw_column(columns, 'subject_type', 'string') }} as subject_type,
        {{ raw_column(columns, 'subject_id', 'string') }} as subject_id,
        {{ raw_column(columns, 'figure', 'string') }} as figure,
        {{ raw_column(columns, 'order_id', 'string') }} as order_id,
        {{ raw_column(columns, 'store_id', 'string') }} as store_id,
        {{ raw_column(columns, 'merchant_id', 'string') }} as merchant_id,
        {{ raw_column(columns, 'platform', 'string') }} as platform,
        {{ raw_column(columns, 'legal_entity', 'string') }} as legal_entity,
        {{ raw_column(columns, 'currency_code', 'string') }} as currency_code,
        {{ raw_column(columns, 'figure_cents', 'bigint') }} as figure_cents,
        {{ raw_column(columns, 'before_cents', 'bigint') }} as before_cents,
        {{ raw_column(columns, 'after_cents', 'bigint') }} as after_cents,
        {{ raw_column(columns, 'change_reason', 'string') }} as change_reason,
        {{ raw_column(columns, 'source_file_name', 'string') }} as source_file_name,
        {{ raw_column(columns, 'source_loaded_at', 'timestamp') }} as source_loaded_at,
        {{ raw_column(columns, 'closed_at', 'timestamp') }} as closed_at
    from source
),

final as (
    select * from renamed
)

select * from final

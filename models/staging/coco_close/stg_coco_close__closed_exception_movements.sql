{% set columns = raw_columns(source('coco_close', 'closed_exception_movements')) %}

with

source as (
    select * from {{ source('coco_close', 'closed_exception_movements') }}
),

renamed as (
    select
        {{ raw_column(columns, 'exception_movement_id', 'string') }} as exception_movement_id,
        {{ raw_column(columns, 'exception_id', 'string') }} as exception_id,
        {{ raw_column(columns, 'store_id', 'string') }} as store_id,
        {{ raw_column(columns, 'merchant_id', 'string') }} as merchant_id,
        {{ raw_column(columns, 'platform', 'string') }} as platform,
        {{ raw_column(columns, 'legal_entity', 'string') }} as legal_entity,
        {{ raw_column(columns, 'currency_code', 'string') }} as currency_code,
        {{ raw_column(columns, 'break_class', 'string') }} as break_class,
        {{ raw_column(columns, 'movement_type', 'string') }} as movement_type,
        {{ raw_column(columns, 'movement_cents', 'bigint') }} as movement_cents,
        {{ text_to_date('movement_date') }} as movement_date,
        {{ text_to_date('period_month_date') }} as period_month_date,
        {{ raw_column(columns, 'closed_at', 'timestamp') }} as closed_at
    from source
),

final as (
    select * from renamed
)

select * from final

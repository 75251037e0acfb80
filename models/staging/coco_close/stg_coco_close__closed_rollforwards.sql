{% set columns = raw_columns(source('coco_close', 'closed_rollforwards')) %}

with

source as (
    select * from {{ source('coco_close', 'closed_rollforwards') }}
),

renamed as (
    select
        {{ raw_column(columns, 'closed_rollforward_id', 'string') }} as closed_rollforward_id,
        {{ text_to_date('period_month_date') }} as period_month_date,
        {{ raw_column(columns, 'rollforward', 'string') }} as rollforward,
        {{ raw_column(columns, 'merchant_id', 'string') }} as merchant_id,
        {{ raw_column(columns, 'platform', 'string') }} as platform,
        {{ raw_column(columns, 'legal_entity', 'string') }} as legal_entity,
        {{ raw_column(columns, 'currency_code', 'string') }} as currency_code,
        {{ raw_column(columns, 'movement_type', 'string') }} as movement_type,
        {{ raw_column(columns, 'movement_cents', 'bigint') }} as movement_cents,
        {{ raw_column(columns, 'closed_at', 'timestamp') }} as closed_at
    from source
),

final as (
    select * from renamed
)

select * from final

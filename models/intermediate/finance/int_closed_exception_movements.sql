{{ config(materialized='view') }}

with

closed_exception_movements as (
    select * from {{ ref('stg_coco_close__closed_exception_movements') }}
),

closed_periods as (
    select * from {{ ref('int_closed_periods') }}
),

final as (
    select
        exception_movement_id,
        exception_id,
        store_id,
        merchant_id,
        platform,
        legal_entity,
        currency_code,
        break_class,
        movement_type,
        movement_cents,
        movement_date,
        period_month_date,
        closed_at
    from closed_exception_movements
    where period_month_date in (select closed_periods.period_month_date from closed_periods)
)

select * from final

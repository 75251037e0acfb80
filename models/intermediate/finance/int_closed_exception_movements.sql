{{ config(materialized='view') }}

with

closed_exception_movements as (
    select * from {{ ref('stg_coco_close__closed_exception_movements') }}
),

closed_periods as (
    select * from {{ ref('int_closed_periods') }}
),

final as (
    select * from closed_exception_movements
    where period_month_date in (select closed_periods.period_month_date from closed_periods)
)

select * from final

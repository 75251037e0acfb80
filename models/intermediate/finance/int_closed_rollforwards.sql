{{ config(materialized='view') }}

with

closed_rollforwards as (
    select * from {{ ref('stg_coco_close__closed_rollforwards') }}
),

closed_periods as (
    select * from {{ ref('int_closed_periods') }}
),

final as (
    select * from closed_rollforwards
    where period_month_date in (select closed_periods.period_month_date from closed_periods)
)

select * from final

{{ config(materialized='view') }}

with

closed_exceptions as (
    select * from {{ ref('stg_coco_close__closed_exceptions') }}
),

closed_periods as (
    select * from {{ ref('int_closed_periods') }}
),

final as (
    select * from closed_exceptions
    where period_month_date in (select closed_periods.period_month_date from closed_periods)
)

select * from final

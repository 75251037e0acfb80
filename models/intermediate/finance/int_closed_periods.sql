{{ config(materialized='view') }}

-- a close that was made after the day that the warehouse is looked at from does not count
with

closed_periods as (
    select * from {{ ref('stg_coco_close__closed_periods') }}
),

final as (
    select * from closed_periods
    where closed_at <= {{ as_of_timestamp() }}
)

select * from final

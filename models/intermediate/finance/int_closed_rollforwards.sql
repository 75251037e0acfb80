{{ config(materialized='view') }}

with

closed_rollforwards as (
    select * from {{ ref('stg_coco_close__closed_rollforwards') }}
),

closed_periods as (
    select * from {{ ref('int_closed_periods') }}
),

final as (
    select
        closed_rollforward_id,
        period_month_date,
        rollforward,
        merchant_id,
        platform,
        legal_entity,
        currency_code,
        movement_type,
        movement_cents,
        closed_at
    from closed_rollforwards
    where period_month_date in (select closed_periods.period_month_date from closed_periods)
)

select * from final

{{ config(materialized='view') }}

with

closed_exceptions as (
    select * from {{ ref('stg_coco_close__closed_exceptions') }}
),

closed_periods as (
    select * from {{ ref('int_closed_periods') }}
),

final as (
    select
        period_month_date,
        exception_id,
        store_id,
        merchant_id,
        platform,
        legal_entity,
        currency_code,
        subject_type,
        subject_id,
        break_class,
        status,
        owner,
        aging_bucket,
        open_cents,
        due_date,
        closed_at
    from closed_exceptions
    where period_month_date in (select closed_periods.period_month_date from closed_periods)
)

select * from final

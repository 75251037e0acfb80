{{ config(materialized='view') }}

with

closed_figures as (
    select * from {{ ref('stg_coco_close__closed_figures') }}
),

closed_periods as (
    select * from {{ ref('int_closed_periods') }}
),

final as (
    select
        closed_figure_id,
        period_month_date,
        figure_month_date,
        subject_type,
        subject_id,
        figure,
        order_id,
        store_id,
        merchant_id,
        platform,
        legal_entity,
        currency_code,
        figure_cents,
        before_cents,
        after_cents,
        change_reason,
        source_file_name,
        source_loaded_at,
        closed_at
    from closed_figures
    where period_month_date in (select closed_periods.period_month_date from closed_periods)
)

select * from final

{{ config(materialized='view') }}

-- a close that was made after the day that the warehouse is looked at from does not count
with

closed_periods as (
    select * from {{ ref('stg_coco_close__closed_periods') }}
),

final as (
    select
        period_month_date,
        closed_at,
        as_of_at,
        preparer,
        reviewer,
        project_version,
        posting_count,
        journal_line_count,
        open_exception_count,
        frozen_hash,
        certificate_hash,
        certificate
    from closed_periods
    where closed_at <= {{ as_of_timestamp() }}
)

select * from final

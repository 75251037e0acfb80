with

closed_periods as (
    select * from {{ ref('int_closed_periods') }}
),

final as (
    select
        period_month_date,

        preparer,
        reviewer,
        project_version,
        posting_count,
        journal_line_count,
        open_exception_count,
        frozen_hash,
        certificate_hash,

        closed_at,
        as_of_at
    from closed_periods
)

select * from final

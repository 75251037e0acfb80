with

summary_rows as (
    select * from {{ ref('int_payout_summary_rows') }}
    where payout_id is not null
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
    where payout_id is not null
),

summaries as (
    select
        platform,
        payout_id,
        max(payout_date) as payout_date,
        count(*) as summary_row_count,
        {{ sum_cents('net_cents') }} as summary_cents
    from summary_rows
    group by platform, payout_id
),

lines as (
    select
        statement_platform,
        payout_id,
        count(*) as statement_line_count,
        {{ sum_cents('stated_cents') }} as stated_cents
    from statement_lines
    group by statement_platform, payout_id
),

final as (
    select
        summaries.platform,
        summaries.payout_id,

        summaries.summary_row_count,
        coalesce(lines.statement_line_count, 0) as statement_line_count,

        summaries.summary_cents,
        lines.stated_cents,
        lines.stated_cents - summaries.summary_cents as difference_cents,

        lines.payout_id is not null as has_statement_lines,

        summaries.payout_date
    from summaries
    left join lines
        on summaries.platform = lines.statement_platform
        and summaries.payout_id = lines.payout_id
)

select * from final

with

payouts as (
    select * from {{ ref('int_payout_settlements') }}
    where summary_cents is not null
),

summaries as (
    select * from {{ ref('int_payout_summaries') }}
),

final as (
    select
        payouts.payout_id,
        payouts.payout_reference,

        payouts.platform,
        payouts.currency_code,
        summaries.summary_row_count,
        payouts.statement_line_count,

        payouts.summary_cents,
        case when payouts.statement_line_count > 0 then payouts.stated_cents end as stated_cents,
        case when payouts.statement_line_count > 0 then payouts.stated_cents - payouts.summary_cents end as difference_cents,

        payouts.statement_line_count > 0 as has_statement_lines,

        payouts.payout_date
    from payouts
    inner join summaries
        on payouts.platform = summaries.platform
        and payouts.payout_reference = summaries.payout_reference
)

select * from final

{{ config(severity='warn') }}
-- Law 3. The lines of a payout sum to the platform's own summary of it. A difference is a matter between the platform and finance:
-- it is warned of, and shown in payout_summaries, and the marts stand.
with

payout_summaries as (
    select * from {{ ref('payout_summaries') }}
),

final as (
    select
        platform,
        payout_id,
        summary_cents,
        stated_cents,
        difference_cents
    from payout_summaries
    where has_statement_lines and difference_cents <> 0
)

select * from final

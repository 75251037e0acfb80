-- whether a standing line has been paid out, and whether the money has reached the bank
with

lines as (
    select * from {{ ref('int_payout_lines') }}
),

payouts as (
    select * from {{ ref('int_payout_settlements') }}
),

states as (
    select
        lines.*,
        case
            when payouts.payout_id is not null then payouts.line_settlement_state
            when lines.overdue_after_date < cast({{ as_of_timestamp() }} as date) then 'overdue'
            else 'pending'
        end as settlement_state
    from lines
    left join payouts on lines.payout_id = payouts.payout_id
),

final as (
    select
        statement_line_id,
        payout_id,

        settlement_state,

        case when settlement_state = 'deposited' then stated_cents else 0 end as deposited_cents,

        pay_period_start_date,
        pay_period_end_date,
        payout_date,
        due_date,
        overdue_after_date
    from states
)

select * from final

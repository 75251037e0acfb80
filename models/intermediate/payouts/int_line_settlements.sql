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
        states.statement_line_id,
        states.payout_id,

        states.settlement_state,

        case when states.settlement_state = 'deposited' then states.stated_cents else 0 end as deposited_cents,

        case when shared.payout_id is null then states.pay_period_start_date else shared.pay_period_start_date end as pay_period_start_date,
        case when shared.payout_id is null then states.pay_period_end_date else shared.pay_period_end_date end as pay_period_end_date,
        states.payout_date,
        case when shared.payout_id is null then states.due_date else shared.due_date end as due_date,
        case when shared.payout_id is null then states.overdue_after_date else shared.overdue_after_date end as overdue_after_date
    from states
    -- where its own day does not say when it is paid, a line shares the pay period of its payout
    left join payouts as shared on states.payout_id = shared.payout_id and not states.has_own_pay_period
)

select * from final

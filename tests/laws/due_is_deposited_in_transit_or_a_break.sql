-- Law 4, identity I4. What is due of a payout is deposited, in transit, or a break; what a deposit holds pays payouts, or is a break.
-- Payouts that no export of their account reaches back to are left out: nobody can trace them.
with

deposit_breaks as (
    select * from {{ ref('deposit_breaks') }}
),

payouts as (
    select * from {{ ref('payouts') }}
),

deposits as (
    select * from {{ ref('deposits') }}
),

payout_deposits as (
    select * from {{ ref('payout_deposits') }}
),

-- of the two breaks of a deposit at the wrong account one is the payout's and one the deposit's
sided_breaks as (
    select
        deposit_breaks.payout_id,
        deposit_breaks.deposit_id,
        deposit_breaks.platform,
        deposit_breaks.currency_code,
        case
            when deposit_breaks.break_class in ('missing_deposit', 'short_deposit') then 'payout'
            when deposit_breaks.break_class in ('over_deposit', 'duplicate_deposit', 'unexpected_deposit') then 'deposit'
            when deposit_breaks.break_class = 'wrong_account_deposit' and deposit_breaks.bank_account_id = deposits.bank_account_id
                then 'deposit'
            when deposit_breaks.break_class = 'wrong_account_deposit' then 'payout'
        end as side,
        deposit_breaks.break_cents
    from deposit_breaks
    left join deposits on deposit_breaks.deposit_id = deposits.deposit_id
),

payout_breaks as (
    select
        payout_id,
        sum(break_cents) as break_cents
    from sided_breaks
    where side = 'payout'
    group by payout_id
),

deposit_side_breaks as (
    select
        deposit_id,
        sum(break_cents) as break_cents
    from sided_breaks
    where side = 'deposit'
    group by deposit_id
),

payout_allocations as (
    select
        payout_id,
        sum(allocated_cents) as allocated_cents
    from payout_deposits
    group by payout_id
),

deposit_allocations as (
    select
        deposit_id,
        sum(allocated_cents) as allocated_cents
    from payout_deposits
    group by deposit_id
),

untied_payouts as (
    select
        'payout ' || payouts.payout_id as what,
        payouts.due_cents as has_cents,
        payouts.deposited_cents + payouts.in_transit_cents as accounted_cents,
        coalesce(payout_breaks.break_cents, 0) as break_cents
    from payouts
    left join payout_breaks on payouts.payout_id = payout_breaks.payout_id
    left join payout_allocations on payouts.payout_id = payout_allocations.payout_id
    where
        payouts.deposited_cents <> coalesce(payout_allocations.allocated_cents, 0)
        or (
            payouts.is_traced
            and payouts.due_cents <> payouts.deposited_cents + payouts.in_transit_cents - coalesce(payout_breaks.break_cents, 0)
        )
        or (not payouts.is_traced and coalesce(payout_breaks.break_cents, 0) <> 0)
),

untied_deposits as (
    select
        'deposit ' || deposits.deposit_id as what,
        deposits.deposited_cents as has_cents,
        deposits.allocated_cents as accounted_cents,
        coalesce(deposit_side_breaks.break_cents, 0) as break_cents
    from deposits
    left join deposit_side_breaks on deposits.deposit_id = deposit_side_breaks.deposit_id
    left join deposit_allocations on deposits.deposit_id = deposit_allocations.deposit_id
    where
        deposits.allocated_cents <> coalesce(deposit_allocations.allocated_cents, 0)
        or deposits.deposited_cents <> deposits.allocated_cents + coalesce(deposit_side_breaks.break_cents, 0)
),

totals as (
    select
        platform,
        currency_code,
        due_cents - in_transit_cents as cents
    from payouts
    where is_traced
    union all
    select
        platform,
        currency_code,
        -deposited_cents as cents
    from deposits
    union all
    select
        platform,
        currency_code,
        break_cents as cents
    from sided_breaks
),

-- a break in which only the other side is known would escape the sums above
untied_totals as (
    select
        'all of ' || platform || ' ' || coalesce(currency_code, '') as what,
        sum(cents) as has_cents,
        0 as accounted_cents,
        0 as break_cents
    from totals
    group by platform, currency_code
    having sum(cents) <> 0
),

final as (
    select * from untied_payouts
    union all
    select * from untied_deposits
    union all
    select * from untied_totals
)

select * from final

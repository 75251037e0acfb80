-- Law 4, identity I3. What is due of a payout is its lines and what was carried in, where that is above zero; what is below is
-- carried on, and the next payout of the store carries it in.
with

payouts as (
    select * from {{ ref('payouts') }}
),

-- what carries: the store, the account of a payout of several stores, or a payout whose store nobody knows, by itself
carriers as (
    select
        payout_id,
        carry_key
    from {{ ref('int_payout_amounts') }}
),

chained as (
    select
        payouts.payout_id,
        payouts.stated_cents,
        payouts.carry_in_cents,
        payouts.due_cents,
        payouts.carry_out_cents,
        lag(payouts.carry_out_cents) over (
            partition by payouts.platform, carriers.carry_key, payouts.currency_code
            order by payouts.payout_date nulls last, {{ binary_order('payouts.payout_id') }}
        ) as carried_here_cents
    from payouts
    left join carriers on payouts.payout_id = carriers.payout_id
),

final as (
    select *
    from chained
    where
        carry_in_cents <> coalesce(carried_here_cents, 0)
        or due_cents <> greatest(0, stated_cents + carry_in_cents)
        or carry_out_cents <> least(0, stated_cents + carry_in_cents)
)

select * from final

-- the one pair of rate and base that a commission ties to; an order that two pairs explain has none
with

candidates as (
    select * from {{ ref('int_fee_candidates') }}
    where charge_type = 'commission'
),

pairs as (
    select * from {{ ref('int_fitted_commission_pairs') }}
),

-- bases that come to the same cents are one
tied as (
    select distinct
        candidates.order_id,
        candidates.base_cents,
        pairs.rate_bps
    from candidates
    inner join pairs
        on candidates.store_id = pairs.store_id
        and candidates.fee_schedule_id = pairs.fee_schedule_id
        and candidates.pay_period_start_date = pairs.pay_period_start_date
        and candidates.base = pairs.base
    where candidates.charged_cents = {{ share_of_cents('candidates.base_cents', 'pairs.rate_bps') }}
),

final as (
    select
        order_id,

        max(base_cents) as base_cents,
        max(rate_bps) as rate_bps
    from tied
    group by order_id
    having count(*) = 1
)

select * from final

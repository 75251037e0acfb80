-- the pairs of another rate and another base that a store's commissions of one schedule and pay period tie to:
-- as int_fitted_commission_rates, on a base that is not the schedule's
with

candidates as (
    select * from {{ ref('int_fee_candidates') }}
    where charge_type = 'commission' and base <> agreed_base
),

fee_bases as (
    select * from {{ ref('int_order_fee_bases') }}
    where stated_base_cents > 0 and not has_unknown
),

rated as (
    select
        candidates.*,
        {{ nearest_rate('charged_cents', 'base_cents', 50) }} as rate_bps
    from candidates
),

tied as (
    select
        store_id,
        fee_schedule_id,
        pay_period_start_date,
        base,
        rate_bps,
        count(*) as order_count
    from rated
    where charged_cents = {{ share_of_cents('base_cents', 'rate_bps') }} and rate_bps <> agreed_rate_bps
    group by store_id, fee_schedule_id, pay_period_start_date, base, rate_bps
),

totals as (
    select
        store_id,
        fee_schedule_id,
        pay_period_start_date,
        count(*) as order_count
    from fee_bases
    group by store_id, fee_schedule_id, pay_period_start_date
),

final as (
    select
        tied.store_id,
        tied.fee_schedule_id,
        tied.pay_period_start_date,

        tied.base,
        tied.rate_bps,
        tied.order_count
    from tied
    inner join totals
        on tied.store_id = totals.store_id
        and tied.fee_schedule_id = totals.fee_schedule_id
        and tied.pay_period_start_date = totals.pay_period_start_date
    where tied.order_count >= 4 and tied.order_count * 3 >= totals.order_count * 2
)

select * from final

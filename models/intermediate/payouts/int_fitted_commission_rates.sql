-- the rate, other than the contract's, that a store's lines of one schedule and pay period were charged at: a multiple of 50 basis points
-- that ties to the cent on at least four of them and two in three of those with a commission
with

commissions as (
    select * from {{ ref('int_order_commissions') }}
    where agreed_base_cents > 0
),

rated as (
    select
        *,
        {{ nearest_rate('charged_cents', 'agreed_base_cents', 50) }} as rate_bps
    from commissions
),

tied as (
    select
        store_id,
        fee_schedule_id,
        charge_type,
        pay_period_start_date,
        rate_bps,
        max(agreed_rate_bps) as agreed_rate_bps,
        count(*) as line_count
    from rated
    where charged_cents = {{ share_of_cents('agreed_base_cents', 'rate_bps') }}
    group by store_id, fee_schedule_id, charge_type, pay_period_start_date, rate_bps
),

totals as (
    select
        store_id,
        fee_schedule_id,
        charge_type,
        pay_period_start_date,
        count(*) as line_count
    from rated
    group by store_id, fee_schedule_id, charge_type, pay_period_start_date
),

final as (
    select
        tied.store_id,
        tied.fee_schedule_id,
        tied.charge_type,
        tied.pay_period_start_date,

        tied.rate_bps,
        tied.line_count
    from tied
    inner join totals
        on tied.store_id = totals.store_id
        and tied.fee_schedule_id = totals.fee_schedule_id
        and tied.charge_type = totals.charge_type
        and tied.pay_period_start_date = totals.pay_period_start_date
    where
        tied.rate_bps <> tied.agreed_rate_bps
        and tied.line_count >= 4
        and tied.line_count * 3 >= totals.line_count * 2
)

select * from final

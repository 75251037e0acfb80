-- the rate, other than the contract's, that a store's lines of one schedule and pay period were charged at: a multiple of 50 basis points
-- that ties to the cent on at least four of them and two in three
with

fee_bases as (
    select * from {{ ref('int_order_fee_bases') }}
    where stated_base_cents > 0 and not has_unknown
),

rated as (
    select
        order_id,
        store_id,
        fee_schedule_id,
        pay_period_start_date,
        commission_rate_bps,
        stated_base_cents,
        commission_cents,
        {{ nearest_rate('commission_cents', 'stated_base_cents', 50) }} as rate_bps
    from fee_bases
),

tied as (
    select
        store_id,
        fee_schedule_id,
        pay_period_start_date,
        rate_bps,
        max(commission_rate_bps) as commission_rate_bps,
        count(*) as line_count
    from rated
    where commission_cents = {{ share_of_cents('stated_base_cents', 'rate_bps') }}
    group by store_id, fee_schedule_id, pay_period_start_date, rate_bps
),

totals as (
    select
        store_id,
        fee_schedule_id,
        pay_period_start_date,
        count(*) as line_count
    from rated
    group by store_id, fee_schedule_id, pay_period_start_date
),

final as (
    select
        tied.store_id,
        tied.fee_schedule_id,
        tied.pay_period_start_date,

        tied.rate_bps,
        tied.line_count
    from tied
    inner join totals
        on tied.store_id = totals.store_id
        and tied.fee_schedule_id = totals.fee_schedule_id
        and tied.pay_period_start_date = totals.pay_period_start_date
    where
        tied.rate_bps <> tied.commission_rate_bps
        and tied.line_count >= 4
        and tied.line_count * 3 >= totals.line_count * 2
)

select * from final

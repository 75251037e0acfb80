{%- set text = dbt.type_string() -%}
-- the terms that each fee was charged at: those agreed, those that a habit of the store explains, or none; and since when without a break
with

fees as (
    select * from {{ ref('int_order_fees') }}
),

candidates as (
    select * from {{ ref('int_fee_candidates') }}
),

fitted_fees as (
    select * from {{ ref('int_fitted_fees') }}
),

-- an order that several habits of its store explain goes to the one with most orders
explained as (
    select
        candidates.order_id,
        candidates.charge_type,
        fitted_fees.base,
        fitted_fees.rate_bps,
        fitted_fees.fixed_cents,
        candidates.base_cents,
        row_number() over (
            partition by candidates.order_id, candidates.charge_type
            order by fitted_fees.order_count desc, {{ binary_order('fitted_fees.base') }}, fitted_fees.rate_bps, fitted_fees.fixed_cents
        ) as preference
    from candidates
    inner join fitted_fees
        on candidates.store_id = fitted_fees.store_id
        and candidates.fee_schedule_id = fitted_fees.fee_schedule_id
        and candidates.charge_type = fitted_fees.charge_type
        and candidates.base = fitted_fees.base
        and candidates.charged_cents = {{ share_of_cents('candidates.base_cents', 'fitted_fees.rate_bps') }} + fitted_fees.fixed_cents
),

charged as (
    select
        fees.*,
        case when fees.is_as_agreed then fees.agreed_base else explained.base end as charged_base,
        case when fees.is_as_agreed then fees.agreed_rate_bps else explained.rate_bps end as charged_rate_bps,
        case when fees.is_as_agreed then fees.agreed_fixed_cents else explained.fixed_cents end as charged_fixed_cents,
        case when fees.is_as_agreed then fees.agreed_base_cents else explained.base_cents end as charged_base_cents
    from fees
    left join explained
        on fees.order_id = explained.order_id
        and fees.charge_type = explained.charge_type
        and explained.preference = 1
),

-- a single order that nothing explains, or that has no base, breaks nothing
named as (
    select
        order_id,
        charge_type,
        store_id,
        fee_schedule_id,
        order_date,
        charged_base,
        charged_rate_bps,
        charged_fixed_cents,
        charged_base || ':' || cast(charged_rate_bps as {{ text }}) || ':' || cast(charged_fixed_cents as {{ text }}) as terms
    from charged
    where charged_base is not null and charged_base_cents > 0
),

telling as (
    select
        *,
        lag(terms) over (
            partition by store_id, fee_schedule_id, charge_type
            order by order_date, {{ binary_order('order_id') }}
        ) as terms_before
    from named
),

runs as (
    select
        telling.*,
        sum(case when terms_before is null or terms <> terms_before then 1 else 0 end) over (
            partition by store_id, fee_schedule_id, charge_type
            order by order_date, {{ binary_order('order_id') }}
            rows unbounded preceding
        ) as run_number
    from telling
),

dated as (
    select
        order_id,
        charge_type,
        min(order_date) over (partition by store_id, fee_schedule_id, charge_type, run_number) as charged_from_date,
        count(*) over (partition by store_id, fee_schedule_id, charge_type, run_number) as run_order_count
    from runs
),

final as (
    select
        charged.order_id,
        charged.charge_type,
        charged.fee_schedule_id,
        charged.store_id,
        charged.merchant_id,

        charged.platform,
        charged.currency_code,
        charged.agreed_base,
        charged.agreed_rate_bps,
        charged.charged_base,
        charged.charged_rate_bps,
        cast(coalesce(dated.run_order_count, 0) as bigint) as run_order_count,

        charged.agreed_fixed_cents,
        charged.charged_fixed_cents,
        charged.agreed_base_cents,
        charged.charged_base_cents,
        charged.expected_cents,
        charged.agreed_cents,
        charged.stated_cents,

        charged.is_as_agreed,

        charged.order_date,
        charged.pay_period_start_date,
        dated.charged_from_date
    from charged
    left join dated
        on charged.order_id = dated.order_id
        and charged.charge_type = dated.charge_type
)

select * from final

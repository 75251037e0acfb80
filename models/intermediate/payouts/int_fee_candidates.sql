-- the bases that a fee which is not as agreed may have been taken of; where a store has fewer than four such orders nothing can be fitted
with

fees as (
    select * from {{ ref('int_order_fees') }}
    where not is_as_agreed and stated_cents <= 0
),

fee_bases as (
    select * from {{ ref('int_order_fee_bases') }}
),

groups as (
    select
        store_id,
        fee_schedule_id,
        charge_type
    from fees
    group by store_id, fee_schedule_id, charge_type
    having count(*) >= 4
),

final as (
    {%- for base, column in named_fee_bases() %}
    select
        fees.order_id,
        fees.charge_type,
        fees.store_id,
        fees.fee_schedule_id,
        fees.pay_period_start_date,
        fees.agreed_base,
        fees.agreed_rate_bps,
        fees.agreed_fixed_cents,
        '{{ base }}' as base,
        fee_bases.{{ column }} as base_cents,
        -fees.stated_cents as charged_cents
    from fees
    inner join fee_bases on fees.order_id = fee_bases.order_id
    inner join groups
        on fees.store_id = groups.store_id
        and fees.fee_schedule_id = groups.fee_schedule_id
        and fees.charge_type = groups.charge_type
    where fee_bases.{{ column }} > 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final

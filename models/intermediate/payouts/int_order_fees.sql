{%- set charges = [
    ['commission', 'amounts.commission_base', 'fee_bases.stated_base_cents', 'amounts.commission_rate_bps', '0'],
    ['delivery_commission', "'items'", 'fee_bases.items_cents', 'amounts.delivery_commission_rate_bps', '0'],
    ['processing_fee', 'amounts.processing_base', 'fee_bases.stated_processing_base_cents', 'amounts.processing_rate_bps', 'amounts.processing_fixed_cents'],
] -%}
-- each fee of each stated sale beside what its schedule gives on the base that the statement shows
with

fee_bases as (
    select * from {{ ref('int_order_fee_bases') }}
    where not has_unknown
),

amounts as (
    select * from {{ ref('int_expected_amounts') }}
),

components as (
    select * from {{ ref('int_order_components') }}
    where charge_type in ('commission', 'delivery_commission', 'processing_fee')
),

fees as (
    {%- for charge_type, base, base_cents, rate_bps, fixed_cents in charges %}
    select
        fee_bases.order_id,
        '{{ charge_type }}' as charge_type,
        amounts.fee_schedule_id,
        amounts.store_id,
        amounts.merchant_id,
        amounts.platform,
        amounts.currency_code,
        case when {{ rate_bps }} = 0 and {{ fixed_cents }} = 0 then 'none' else {{ base }} end as agreed_base,
        {{ rate_bps }} as agreed_rate_bps,
        case when {{ base }} = 'none' then 0 else {{ fixed_cents }} end as agreed_fixed_cents,
        {{ base_cents }} as agreed_base_cents,
        amounts.order_date,
        fee_bases.pay_period_start_date
    from fee_bases
    inner join amounts on fee_bases.order_id = amounts.order_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

stated as (
    select
        fees.*,
        coalesce(components.expected_cents, 0) as expected_cents,
        coalesce(components.stated_cents, 0) as stated_cents,
        -({{ share_of_cents('fees.agreed_base_cents', 'fees.agreed_rate_bps') }} + fees.agreed_fixed_cents) as agreed_cents
    from fees
    left join components
        on fees.order_id = components.order_id
        and fees.charge_type = components.charge_type
),

final as (
    select
        order_id,
        charge_type,
        fee_schedule_id,
        store_id,
        merchant_id,

        platform,
        currency_code,
        agreed_base,
        agreed_rate_bps,

        agreed_fixed_cents,
        agreed_base_cents,
        expected_cents,
        agreed_cents,
        stated_cents,

        stated_cents = agreed_cents as is_as_agreed,

        order_date,
        pay_period_start_date
    from stated
    where
        store_id is not null
        and pay_period_start_date is not null
        and (agreed_base <> 'none' or stated_cents <> 0 or expected_cents <> 0)
)

select * from final

{%- set commissions = [
    ['commission', 'commission_rate_bps', 'stated_base_cents', 'commission_cents'],
    ['delivery_commission', 'delivery_commission_rate_bps', 'items_cents', 'delivery_commission_cents'],
] -%}
-- what each commission on a sale was, beside the contract's rate and the base that the statement shows
with

fee_bases as (
    select * from {{ ref('int_order_fee_bases') }}
    where not has_unknown
),

final as (
    {%- for charge_type, rate_bps, base_cents, charged_cents in commissions %}
    select
        order_id,
        '{{ charge_type }}' as charge_type,
        store_id,
        fee_schedule_id,

        {{ rate_bps }} as agreed_rate_bps,

        {{ base_cents }} as agreed_base_cents,
        {{ share_of_cents(base_cents, rate_bps) }} as agreed_cents,
        {{ charged_cents }} as charged_cents,

        pay_period_start_date
    from fee_bases
    where {{ rate_bps }} <> 0 or {{ charged_cents }} <> 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final

-- when each platform pays, as it is known on the day that the warehouse is looked at from
with

pay_cycles as (
    select * from {{ ref('pay_cycles') }}
),

final as (
    {{ known_terms(
        'pay_cycles',
        keys=['platform'],
        columns=[
            'pay_cycle_id', 'platform', 'period_start_weekday', 'period_days',
            'payday_offset_days', 'bank_lag_days', 'grace_days',
        ],
    ) }}
)

select * from final

-- what platforms charge for each way to sell, as it is known on the day that the warehouse is looked at from
with

fee_schedules as (
    select * from {{ ref('fee_schedules') }}
),

final as (
    {{ known_terms(
        'fee_schedules',
        keys=['platform', 'platform_store_id', 'fulfilment', 'commission_type'],
        columns=[
            'fee_schedule_id', 'platform', 'platform_store_id', 'fulfilment',
            'commission_type', 'commission_rate_bps', 'commission_base', 'delivery_commission_rate_bps',
            'processing_rate_bps', 'processing_fixed_cents', 'processing_base',
        ],
    ) }}
)

select * from final

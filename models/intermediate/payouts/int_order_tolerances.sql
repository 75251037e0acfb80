-- how far each order's charges may be off and count as rounding, and the store and pay period whose cap they count towards
with

amounts as (
    select * from {{ ref('int_expected_amounts') }}
),

order_stores as (
    select * from {{ ref('int_order_stores') }}
),

pay_periods as (
    select * from {{ ref('int_pay_periods') }}
),

tolerances as (
    select * from {{ ref('int_tolerances') }}
),

-- a platform's own tolerance goes before that of every platform
ranked as (
    select
        amounts.order_id,
        tolerances.rounding_cents,
        tolerances.rounding_cap_cents,
        row_number() over (
            partition by amounts.order_id
            order by case when tolerances.platform is not null then 0 else 1 end, {{ binary_order('tolerances.tolerance_id') }}
        ) as preference
    from amounts
    inner join tolerances
        on (tolerances.platform is null or amounts.platform = tolerances.platform)
        and amounts.order_date between tolerances.valid_from and tolerances.valid_to
),

final as (
    select
        amounts.order_id,
        amounts.store_id,

        amounts.platform,
        amounts.currency_code,

        coalesce(ranked.rounding_cents, 0) as rounding_cents,
        coalesce(ranked.rounding_cap_cents, 0) as rounding_cap_cents,

        amounts.order_date,
        pay_periods.pay_period_start_date
    from amounts
    left join ranked
        on amounts.order_id = ranked.order_id
        and ranked.preference = 1
    inner join order_stores on amounts.order_id = order_stores.order_id
    -- the platform pays the store: what the document names changes no holiday
    left join pay_periods
        on amounts.platform = pay_periods.platform
        and coalesce(order_stores.store_currency_code, amounts.currency_code) = pay_periods.currency_code
        and amounts.order_date = pay_periods.day
)

select * from final

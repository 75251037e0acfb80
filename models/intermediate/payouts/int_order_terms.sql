-- the contract terms that hold for each order: fee schedule, tax facilitation, cancellation
with

amounts as (
    select * from {{ ref('int_order_amounts') }}
),

order_stores as (
    select * from {{ ref('int_order_stores') }}
),

documents as (
    select * from {{ ref('int_order_documents') }}
),

platforms as (
    select * from {{ ref('platform_terms') }}
),

fee_schedules as (
    select * from {{ ref('fee_schedules') }}
    where recorded_on <= cast({{ as_of_timestamp() }} as date)
),

tax_facilitation as (
    select * from {{ ref('tax_facilitation') }}
    where recorded_on <= cast({{ as_of_timestamp() }} as date)
),

cancellation_rules as (
    select * from {{ ref('cancellation_rules') }}
),

orders as (
    select
        amounts.order_id,
        order_stores.platform,
        order_stores.platform_store_id,
        order_stores.order_date,
        amounts.fulfilment,
        amounts.commission_type,
        documents.status as order_status,
        documents.cancellation_by as cancelled_by
    from amounts
    inner join order_stores on amounts.order_id = order_stores.order_id
    inner join documents on amounts.document_id = documents.document_id
),

-- a store's own terms go before those of every store
schedules as (
    select
        orders.order_id,
        fee_schedules.fee_schedule_id,
        fee_schedules.commission_rate_bps,
        fee_schedules.commission_base,
        fee_schedules.delivery_commission_rate_bps,
        fee_schedules.processing_rate_bps,
        fee_schedules.processing_fixed_cents,
        fee_schedules.processing_base,
        row_number() over (
            partition by orders.order_id
            order by case when fee_schedules.platform_store_id is not null then 0 else 1 end, fee_schedules.fee_schedule_id
        ) as preference
    from orders
    inner join fee_schedules
        on orders.platform = fee_schedules.platform
        and orders.fulfilment = fee_schedules.fulfilment
        and orders.commission_type = fee_schedules.commission_type
        and (fee_schedules.platform_store_id is null or orders.platform_store_id = fee_schedules.platform_store_id)
        and orders.order_date between fee_schedules.valid_from and coalesce(fee_schedules.valid_to, date '9999-12-31')
),

treatments as (
    select
        orders.order_id,
        tax_facilitation.tax_facilitation_id,
        tax_facilitation.withheld_share_bps,
        row_number() over (
            partition by orders.order_id
            order by case when tax_facilitation.platform_store_id is not null then 0 else 1 end, tax_facilitation.tax_facilitation_id
        ) as preference
    from orders
    inner join tax_facilitation
        on orders.platform = tax_facilitation.platform
        and (tax_facilitation.platform_store_id is null or orders.platform_store_id = tax_facilitation.platform_store_id)
        and orders.order_date between tax_facilitation.valid_from and coalesce(tax_facilitation.valid_to, date '9999-12-31')
),

final as (
    select
        orders.order_id,
        schedules.fee_schedule_id,
        treatments.tax_facilitation_id,

        platforms.tax_presentation,
        platforms.discount_presentation,
        schedules.commission_rate_bps,
        schedules.commission_base,
        schedules.delivery_commission_rate_bps,
        schedules.processing_rate_bps,
        schedules.processing_fixed_cents,
        schedules.processing_base,
        treatments.withheld_share_bps,
        case
            when orders.order_status in ('ready', 'finished') then 'paid'
            when orders.order_status in ('new', 'future') then 'not_yet'
            when orders.order_status = 'rejected' then 'unpaid'
            when orders.order_status = 'cancelled' and cancellation_rules.is_paid then 'paid'
            when orders.order_status = 'cancelled' and not cancellation_rules.is_paid then 'unpaid'
            else 'unknown'
        end as payment_rule
    from orders
    left join platforms on orders.platform = platforms.platform
    left join schedules
        on orders.order_id = schedules.order_id
        and schedules.preference = 1
    left join treatments
        on orders.order_id = treatments.order_id
        and treatments.preference = 1
    left join cancellation_rules
        on orders.platform = cancellation_rules.platform
        and orders.cancelled_by = cancellation_rules.cancelled_by
)

select * from final

with

events as (
    select * from {{ ref('int_integration_events') }}
),

call_counts as (
    select * from {{ ref('int_integration_call_counts') }}
),

calendar as (
    select * from {{ ref('calendar') }}
),

event_counts as (
    select
        merchant_id,
        integration_source,
        event_date,
        cast(sum(case when event_kind = 'order' then 1 else 0 end) as bigint) as order_count,
        cast(sum(case when event_kind = 'delivery' then 1 else 0 end) as bigint) as delivery_count,
        cast(sum(case when has_robot_attempt then 1 else 0 end) as bigint) as robot_delivery_count,
        cast(sum(case when is_doordash_fallback then 1 else 0 end) as bigint) as fallback_count
    from events
    group by merchant_id, integration_source, event_date
),

spans as (
    select
        merchant_id,
        integration_source,
        max(time_zone) as time_zone,
        min(event_date) as first_date,
        cast({{ local_timestamp(as_of_timestamp(), 'max(time_zone)') }} as date) as last_date
    from events
    group by merchant_id, integration_source
),

-- every day from the first order or delivery on, so that days without any are seen
days as (
    select
        spans.merchant_id,
        spans.integration_source,
        spans.time_zone,
        calendar.calendar_date as activity_date
    from spans
    inner join calendar on calendar.calendar_date between spans.first_date and spans.last_date
),

counted as (
    select
        days.*,
        coalesce(event_counts.order_count, 0) as order_count,
        coalesce(event_counts.delivery_count, 0) as delivery_count,
        coalesce(event_counts.robot_delivery_count, 0) as robot_delivery_count,
        coalesce(event_counts.fallback_count, 0) as fallback_count,
        coalesce(call_counts.request_count, 0) as request_count,
        coalesce(call_counts.failed_request_count, 0) as failed_request_count,
        coalesce(call_counts.unreadable_payload_count, 0) as unreadable_payload_count,
        coalesce(call_counts.unexpected_payload_count, 0) as unexpected_payload_count,
        max(event_counts.event_date) over (
            partition by days.merchant_id, days.integration_source
            order by days.activity_date
        ) as last_active_date
    from days
    left join event_counts
        on days.merchant_id = event_counts.merchant_id
        and days.integration_source = event_counts.integration_source
        and days.activity_date = event_counts.event_date
    left join call_counts
        on days.merchant_id = call_counts.merchant_id
        and days.integration_source = call_counts.integration_source
        and days.activity_date = call_counts.call_date
),

final as (
    select
        merchant_id,

        integration_source,
        time_zone,
        order_count,
        delivery_count,
        robot_delivery_count,
        fallback_count,
        {{ basis_points('fallback_count', 'robot_delivery_count') }} as fallback_rate_bps,
        request_count,
        failed_request_count,
        {{ basis_points('failed_request_count', 'request_count') }} as error_rate_bps,
        unreadable_payload_count,
        unexpected_payload_count,
        cast({{ days_between('last_active_date', 'activity_date') }} as bigint) as quiet_day_count,

        activity_date
    from counted
)

select * from final

-- Days before the last order or delivery that a habit is read from, gaps that make one, and the shortest silence that is told, in seconds.
{%- set habit_days = 90 %}
{%- set fewest_gaps = 2 %}
{%- set shortest_silence = 2 * 24 * 60 * 60 %}

with

events as (
    select * from {{ ref('int_integration_events') }}
),

moments as (
    select distinct
        merchant_id,
        integration_source,
        occurred_at
    from events
),

spaced as (
    select
        *,
        max(occurred_at) over (partition by merchant_id, integration_source) as last_activity_at,
        lag(occurred_at) over (partition by merchant_id, integration_source order by occurred_at) as previous_at
    from moments
),

-- one that began before the window lies partly outside: after a long break, or a wrong old date, it would keep any silence from being told
within_window as (
    select
        *,
        {{ seconds_between('previous_at', 'occurred_at') }} as gap_seconds
    from spaced
    where previous_at > {{ dbt.dateadd('day', -habit_days, 'last_activity_at') }}
),

-- an order and the delivery of it are minutes apart, which is no gap
gaps as (
    select * from within_window
    where gap_seconds > 3600
),

final as (
    select
        merchant_id,

        integration_source,
        max(gap_seconds) as longest_gap_seconds,
        case
            when count(*) >= {{ fewest_gaps }} then greatest(max(gap_seconds) * 2, cast({{ shortest_silence }} as bigint))
        end as silence_limit_seconds
    from gaps
    group by merchant_id, integration_source
)

select * from final

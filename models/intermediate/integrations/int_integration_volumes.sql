with

events as (
    select * from {{ ref('int_integration_events') }}
),

aged as (
    select
        *,
        occurred_at > {{ dbt.dateadd('day', -1, as_of_timestamp()) }} as is_within_1d,
        occurred_at > {{ dbt.dateadd('day', -7, as_of_timestamp()) }} as is_within_7d,
        occurred_at > {{ dbt.dateadd('day', -30, as_of_timestamp()) }} as is_within_30d
    from events
),

final as (
    select
        merchant_id,

        integration_source,
        {%- for kind in ['delivery', 'order'] %}
        {%- for days in ['1d', '7d', '30d'] %}
        cast(sum(case when event_kind = '{{ kind }}' and is_within_{{ days }} then 1 else 0 end) as bigint) as {{ kind }}_count_{{ days }},
        {%- endfor %}
        {%- endfor %}
        cast(sum(case when has_robot_attempt and is_within_30d then 1 else 0 end) as bigint) as robot_delivery_count_30d,
        cast(sum(case when is_doordash_fallback and is_within_30d then 1 else 0 end) as bigint) as fallback_count_30d,

        max(case when event_kind = 'delivery' then occurred_at end) as last_delivery_at,
        max(case when event_kind = 'order' then occurred_at end) as last_order_at,
        max(occurred_at) as last_activity_at
    from aged
    group by merchant_id, integration_source
)

select * from final

with

orders as (
    select * from {{ ref('orders') }}
),

deliveries as (
    select * from {{ ref('deliveries') }}
),

platforms as (
    select * from {{ ref('platform_terms') }}
),

rejected_versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'rejected'
),

order_documents as (
    select * from {{ ref('int_order_documents') }}
),

sourced_orders as (
    select
        orders.*,
        platforms.integration_source
    from orders
    left join platforms on orders.platform = platforms.platform
),

-- the ways in which an order meets its delivery, the strongest first
candidates as (
    select
        deliveries.delivery_id,
        sourced_orders.order_id,
        'platform_order_id' as link_method,
        1 as strength
    from deliveries
    inner join sourced_orders
        on deliveries.platform_order_id = sourced_orders.platform_order_id
        and deliveries.integration_source = sourced_orders.integration_source
    union all
    select
        deliveries.delivery_id,
        sourced_orders.order_id,
        case when deliveries.is_olo_reference_deleted then 'deleted_olo_reference' else 'olo_order_id' end as link_method,
        case when deliveries.is_olo_reference_deleted then 5 else 2 end as strength
    from deliveries
    inner join sourced_orders on deliveries.olo_order_id = sourced_orders.platform_order_id
    where sourced_orders.integration_source = 'olo'
    union all
    -- an order of one platform can come through the integration of another
    select
        deliveries.delivery_id,
        sourced_orders.order_id,
        'platform_order_id_of_merchant' as link_method,
        3 as strength
    from deliveries
    inner join sourced_orders
        on deliveries.platform_order_id = sourced_orders.platform_order_id
        and deliveries.merchant_id = sourced_orders.merchant_id
    where deliveries.integration_source is distinct from sourced_orders.integration_source
    union all
    -- readable numbers come again after a while
    select
        deliveries.delivery_id,
        sourced_orders.order_id,
        'readable_order_number' as link_method,
        4 as strength
    from deliveries
    inner join sourced_orders
        on deliveries.platform_order_id = sourced_orders.readable_order_number
        and deliveries.integration_source = sourced_orders.integration_source
        and deliveries.merchant_id = sourced_orders.merchant_id
        and deliveries.created_at > {{ dbt.dateadd('hour', -24, 'sourced_orders.placed_at') }}
        and deliveries.created_at < {{ dbt.dateadd('hour', 24, 'sourced_orders.placed_at') }}
),

ranked_candidates as (
    select
        *,
        rank() over (partition by delivery_id order by strength) as place
    from candidates
),

-- told beside each candidate: PostgreSQL takes a join of what is left for a small one, and goes through all pairs
best_candidates as (
    select
        delivery_id,
        order_id,
        link_method,
        min(order_id) over (partition by delivery_id) <> max(order_id) over (partition by delivery_id) as is_ambiguous
    from ranked_candidates
    where place = 1
),

-- an id that several orders bear leads to none of them
links as (
    select
        delivery_id,
        max(link_method) as link_method,
        count(distinct order_id) as candidate_count,
        case when count(distinct order_id) = 1 then max(order_id) end as order_id
    from best_candidates
    group by delivery_id
),

linked_orders as (
    select distinct order_id
    from links
    where order_id is not null
),

ambiguous_orders as (
    select distinct order_id
    from best_candidates
    where is_ambiguous
),

rejected_orders as (
    select distinct order_documents.details_external_id as platform_order_id
    from rejected_versions
    inner join order_documents on rejected_versions.document_id = order_documents.document_id
    where order_documents.details_external_id is not null
),

-- counted beside the deliveries: PostgreSQL takes a join of two lists it has no statistics of for a small one, and goes through all pairs
delivery_rows as (
    select
        'delivery:' || deliveries.delivery_id as link_id,
        links.order_id,
        deliveries.delivery_id,
        coalesce(sourced_orders.merchant_id, deliveries.merchant_id) as merchant_id,
        deliveries.integration_source,
        coalesce(deliveries.platform_order_id, sourced_orders.platform_order_id, deliveries.olo_order_id) as platform_order_id,
        case
            when links.order_id is not null then links.link_method
            when links.delivery_id is not null then 'ambiguous'
            else 'none'
        end as link_method,
        case
            when links.order_id is not null then null
            when links.delivery_id is not null then 'Several orders bear the id of the delivery.'
            when deliveries.platform_order_id is null and deliveries.olo_order_id is null
                then 'Neither the deliveries service nor a reference to OLO holds an order id.'
            when rejected_orders.platform_order_id is not null then 'Every document of the order was rejected.'
            else 'No order document with this id was received.'
        end as link_reason,
        coalesce(links.candidate_count, 0) as order_count,
        case
            when links.order_id is null then 0
            else sum(case when deliveries.is_deleted or links.link_method = 'deleted_olo_reference' then 0 else 1 end)
                over (partition by links.order_id)
        end as delivery_count,
        links.order_id is not null as is_linked,
        coalesce(sourced_orders.merchant_id <> deliveries.merchant_id, false) as has_merchant_conflict,
        deliveries.is_deleted as is_delivery_deleted,
        sourced_orders.placed_at,
        deliveries.created_at as delivery_created_at
    from deliveries
    left join links on deliveries.delivery_id = links.delivery_id
    left join sourced_orders on links.order_id = sourced_orders.order_id
    left join rejected_orders on coalesce(deliveries.platform_order_id, deliveries.olo_order_id) = rejected_orders.platform_order_id
),

order_rows as (
    select
        'order:' || sourced_orders.order_id as link_id,
        sourced_orders.order_id,
        cast(null as {{ dbt.type_string() }}) as delivery_id,
        sourced_orders.merchant_id,
        sourced_orders.integration_source,
        sourced_orders.platform_order_id,
        case when ambiguous_orders.order_id is not null then 'ambiguous' else 'none' end as link_method,
        case
            when ambiguous_orders.order_id is not null then 'A delivery bears an id that several orders share.'
            when sourced_orders.fulfilment = 'pickup' then 'The customer picks it up.'
            when sourced_orders.is_cancelled or sourced_orders.order_status in ('cancelled', 'rejected')
                then 'It was cancelled or rejected.'
            when sourced_orders.fulfilment = 'platform_delivery' then 'The platform delivers it.'
            when sourced_orders.order_status in ('new', 'future') then 'It is not under way yet.'
            else 'No delivery bears its id.'
        end as link_reason,
        1 as order_count,
        0 as delivery_count,
        false as is_linked,
        false as has_merchant_conflict,
        false as is_delivery_deleted,
        sourced_orders.placed_at,
        cast(null as timestamp) as delivery_created_at
    from sourced_orders
    left join linked_orders on sourced_orders.order_id = linked_orders.order_id
    left join ambiguous_orders on sourced_orders.order_id = ambiguous_orders.order_id
    where linked_orders.order_id is null
),

all_rows as (
    select * from delivery_rows
    union all
    select * from order_rows
),

final as (
    select
        link_id,
        order_id,
        delivery_id,
        merchant_id,

        integration_source,
        platform_order_id,
        link_method,
        link_reason,
        cast(order_count as bigint) as order_count,
        cast(delivery_count as bigint) as delivery_count,
        {{ seconds_between('placed_at', 'delivery_created_at') }} as seconds_to_delivery,

        is_linked,
        has_merchant_conflict,
        is_delivery_deleted,

        placed_at,
        delivery_created_at
    from all_rows
)

select * from final

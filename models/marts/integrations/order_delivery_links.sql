-- Seconds within which an order and a delivery of one number belong together: as a rule, and at most, since orders are placed days ahead.
{%- set usual_wait = 24 * 60 * 60 %}
{%- set longest_wait = 14 * 24 * 60 * 60 %}

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

-- platforms give a number again, at another store or after a while
bearers_at_source as (
    select
        deliveries.delivery_id,
        sourced_orders.order_id,
        deliveries.merchant_id <> sourced_orders.merchant_id as is_of_other_merchant,
        abs({{ seconds_between('sourced_orders.placed_at', 'deliveries.created_at') }}) as seconds_apart
    from deliveries
    inner join sourced_orders
        on deliveries.platform_order_id = sourced_orders.platform_order_id
        and deliveries.integration_source = sourced_orders.integration_source
),

-- an order of one platform can come through the integration of another
bearers_of_merchant as (
    select
        deliveries.delivery_id,
        sourced_orders.order_id,
        abs({{ seconds_between('sourced_orders.placed_at', 'deliveries.created_at') }}) as seconds_apart
    from deliveries
    inner join sourced_orders
        on deliveries.platform_order_id = sourced_orders.platform_order_id
        and deliveries.merchant_id = sourced_orders.merchant_id
    where deliveries.integration_source is distinct from sourced_orders.integration_source
),

-- the ways in which an order meets its delivery, the strongest first; none is an order of the same number and another time
candidates as (
    select
        delivery_id,
        order_id,
        case
            when seconds_apart > {{ longest_wait }} then 'none'
            when is_of_other_merchant then 'platform_order_id_of_other_merchant'
            else 'platform_order_id'
        end as link_method,
        case
            when seconds_apart > {{ longest_wait }} then 9
            when is_of_other_merchant then 8
            when is_of_other_merchant is null then 3
            when seconds_apart > {{ usual_wait }} then 2
            else 1
        end as strength
    from bearers_at_source
    union all
    select
        deliveries.delivery_id,
        sourced_orders.order_id,
        case when deliveries.is_olo_reference_deleted then 'deleted_olo_reference' else 'olo_order_id' end as link_method,
        case when deliveries.is_olo_reference_deleted then 7 else 4 end as strength
    from deliveries
    inner join sourced_orders on deliveries.olo_order_id = sourced_orders.platform_order_id
    where sourced_orders.integration_source = 'olo'
    union all
    select
        delivery_id,
        order_id,
        case when seconds_apart > {{ longest_wait }} then 'none' else 'platform_order_id_of_merchant' end as link_method,
        case when seconds_apart > {{ longest_wait }} then 9 else 5 end as strength
    from bearers_of_merchant
    union all
    -- readable numbers come again after a while
    select
        deliveries.delivery_id,
        sourced_orders.order_id,
        'readable_order_number' as link_method,
        6 as strength
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
        rank() over (partition by delivery_id order by strength) as place,
        min(strength) over (partition by order_id) as best_strength_of_order
    from candidates
),

-- an order that has a delivery of its own merchant is not another merchant's
fitting_candidates as (
    select
        delivery_id,
        case when link_method <> 'none' and (strength < 8 or best_strength_of_order = 8) then order_id end as order_id,
        order_id as named_order_id,
        link_method
    from ranked_candidates
    where place = 1
),

-- told beside each candidate: PostgreSQL takes a join of what is left for a small one, and goes through all pairs
best_candidates as (
    select
        *,
        min(order_id) over (partition by delivery_id) <> max(order_id) over (partition by delivery_id) as is_ambiguous
    from fitting_candidates
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
    where is_ambiguous and order_id is not null
),

misfit_orders as (
    select distinct named_order_id as order_id
    from best_candidates
    where order_id is null
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
            when links.candidate_count > 1 then 'ambiguous'
            else 'none'
        end as link_method,
        case
            when links.order_id is not null then null
            when links.candidate_count > 1 then 'Several orders bear the id of the delivery.'
            when links.delivery_id is not null then 'What bears the id of the delivery is an order of another merchant or another time.'
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
            when misfit_orders.order_id is not null then 'What bears its id is a delivery of another merchant or another time.'
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
    left join misfit_orders on sourced_orders.order_id = misfit_orders.order_id
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

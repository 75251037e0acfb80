{% set delivery_columns = raw_columns(source('deliveriesv3prod_rds_public', 'deliveries')) %}
{% set reference_columns = raw_columns(source('deliveries_rds_public', 'olo_references')) %}

with

deliveries as (
    select
        {{ raw_column(delivery_columns, 'id', 'string') }} as id,
        {{ raw_column(delivery_columns, 'partner_id', 'string') }} as partner_id,
        order_source,
        {{ raw_column(delivery_columns, 'created_at', 'timestamp') }} as created_at
    from {{ source('deliveriesv3prod_rds_public', 'deliveries') }}
    where _fivetran_deleted = false
),

partner_configs as (
    select * from {{ source('deliveries_rds_public', 'partner_configs') }}
),

-- both ids are documented as text; the cast keeps the query running where one of them was landed as a number
olo_references as (
    select
        {{ raw_column(reference_columns, 'delivery_id', 'string') }} as delivery_id,
        original_delivery_id
    from {{ source('deliveries_rds_public', 'olo_references') }}
),

-- the last day is the one before the moment that the warehouse is looked at from, where the original takes the clock
final as (
    select
        deliveries.id,
        deliveries.partner_id,
        partner_configs.store_name as partner_name,
        deliveries.order_source,
        olo_references.original_delivery_id as olo_order_id,
        deliveries.created_at
    from deliveries
    left join partner_configs on deliveries.partner_id = partner_configs.partner_id
    left join olo_references on deliveries.id = olo_references.delivery_id
    where
        deliveries.order_source = 'olo'
        and deliveries.created_at > {{ dbt.dateadd('day', -1, 'cast(' ~ as_of_timestamp() ~ ' as date)') }}
        and deliveries.created_at <= {{ as_of_timestamp() }}
)

select * from final

with

external_ids as (
    select * from {{ ref('int_integration_external_ids') }}
),

platforms as (
    select * from {{ ref('platform_terms') }}
),

stores as (
    select * from {{ ref('stores') }}
),

integration_stores as (
    select * from {{ ref('int_integration_stores') }}
),

-- an id that two stores of a source bear names neither
named_stores as (
    select
        external_ids.integration_source,
        external_ids.external_id,
        case when count(distinct stores.store_id) = 1 then max(stores.store_id) end as store_id,
        count(distinct stores.store_id) as store_count
    from external_ids
    inner join platforms on external_ids.integration_source = platforms.integration_source
    inner join stores
        on platforms.platform = stores.platform
        and external_ids.external_id in (stores.platform_store_id, stores.partner_store_code)
    group by external_ids.integration_source, external_ids.external_id
),

final as (
    select
        external_ids.merchant_id,
        named_stores.store_id,

        external_ids.integration_source,
        external_ids.integration_type,
        external_ids.external_id_key,
        external_ids.external_id,
        coalesce(named_stores.store_count, 0) as store_count,
        coalesce(integration_stores.merchant_count, 0) as merchant_count,

        external_ids.is_active,
        external_ids.is_deleted
    from external_ids
    left join named_stores
        on external_ids.integration_source = named_stores.integration_source
        and external_ids.external_id = named_stores.external_id
    left join integration_stores
        on external_ids.merchant_id = integration_stores.merchant_id
        and external_ids.integration_source = integration_stores.integration_source
        and named_stores.store_id = integration_stores.store_id
)

select * from final

with

external_ids as (
    select * from {{ ref('int_integration_external_ids') }}
    where is_active and not is_deleted
),

merchants as (
    select * from {{ ref('stg_config__merchant') }}
    where not is_deleted and not is_test
),

stores as (
    select * from {{ ref('int_store_merchants') }}
),

platforms as (
    select * from {{ ref('platform_terms') }}
),

-- an id that names no store, such as a menu's, says nothing of whose a store is
naming as (
    select
        external_ids.merchant_id,
        external_ids.integration_source,
        stores.store_id,
        min({{ binary_order('external_ids.external_id') }}) as external_id
    from external_ids
    inner join merchants on external_ids.merchant_id = merchants.merchant_id
    inner join platforms on external_ids.integration_source = platforms.integration_source
    inner join stores
        on platforms.platform = stores.platform
        and external_ids.external_id in (stores.platform_store_id, stores.partner_store_code)
    group by external_ids.merchant_id, external_ids.integration_source, stores.store_id
),

final as (
    select
        merchant_id,

        integration_source,
        store_id,
        external_id,
        count(*) over (partition by integration_source, store_id) as merchant_count
    from naming
)

select * from final

with

merchants as (
    select * from {{ ref('stg_config__merchant') }}
),

integrations as (
    select * from {{ ref('stg_config__integration') }}
),

partner_configs as (
    select * from {{ ref('stg_deliveries__partner_configs') }}
),

deliveries as (
    select * from {{ ref('stg_deliveries_v3__deliveries') }}
),

stores as (
    select * from {{ ref('int_store_merchants') }}
),

-- a merchant that the configuration lacks, and something else names, is kept and marked
merchant_ids as (
    select merchant_id from merchants
    union
    select merchant_id from integrations
    union
    select merchant_id from partner_configs
    union
    select merchant_id from deliveries
    union
    select merchant_id from stores
),

store_counts as (
    select
        merchant_id,
        count(*) as store_count,
        count(distinct platform) as platform_count
    from stores
    group by merchant_id
),

integration_counts as (
    select
        merchant_id,
        count(*) as integration_count,
        sum(case when is_active then 1 else 0 end) as active_integration_count
    from integrations
    where not is_deleted
    group by merchant_id
),

final as (
    select
        merchant_ids.merchant_id,

        coalesce(merchants.merchant_name, partner_configs.store_name) as merchant_name,
        partner_configs.store_name as partner_store_name,
        coalesce(store_counts.store_count, 0) as store_count,
        coalesce(store_counts.platform_count, 0) as platform_count,
        coalesce(integration_counts.integration_count, 0) as integration_count,
        cast(coalesce(integration_counts.active_integration_count, 0) as bigint) as active_integration_count,

        merchants.merchant_id is not null as is_configured,
        coalesce(merchants.is_test, false) as is_test,
        coalesce(merchants.is_deleted, false) as is_deleted
    from merchant_ids
    left join merchants on merchant_ids.merchant_id = merchants.merchant_id
    left join partner_configs on merchant_ids.merchant_id = partner_configs.merchant_id
    left join store_counts on merchant_ids.merchant_id = store_counts.merchant_id
    left join integration_counts on merchant_ids.merchant_id = integration_counts.merchant_id
    where merchant_ids.merchant_id is not null
)

select * from final

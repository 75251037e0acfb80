with

olo_configs as (
    select * from {{ ref('stg_deliveries__partner_olo_configs') }}
    where not is_deleted
),

config_providers as (
    select * from {{ ref('stg_deliveries__olo_config_providers') }}
    where not is_deleted
),

olo_providers as (
    select * from {{ ref('stg_deliveries__olo_providers') }}
    where not is_deleted
),

-- a link to a provider that is not there, or is deleted, links nothing
linked_providers as (
    select
        config_providers.olo_config_id,
        config_providers.olo_provider_id
    from config_providers
    inner join olo_providers on config_providers.olo_provider_id = olo_providers.olo_provider_id
),

final as (
    select
        olo_configs.merchant_id,

        count(distinct olo_configs.olo_config_id) as olo_config_count,
        count(distinct linked_providers.olo_provider_id) as olo_provider_count
    from olo_configs
    left join linked_providers on olo_configs.olo_config_id = linked_providers.olo_config_id
    where olo_configs.merchant_id is not null
    group by olo_configs.merchant_id
)

select * from final

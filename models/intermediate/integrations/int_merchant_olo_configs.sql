with

olo_configs as (
    select * from {{ ref('stg_deliveries__partner_olo_configs') }}
    where not is_deleted and merchant_id is not null
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
        olo_configs.merchant_id,
        config_providers.olo_provider_id,
        coalesce(olo_providers.provider_name, config_providers.olo_provider_id)
        || ' (' || coalesce(config_providers.provider_type, 'no type') || ')' as described_provider
    from olo_configs
    inner join config_providers on olo_configs.olo_config_id = config_providers.olo_config_id
    inner join olo_providers on config_providers.olo_provider_id = olo_providers.olo_provider_id
),

described_providers as (
    select distinct
        merchant_id,
        described_provider
    from linked_providers
),

provider_names as (
    select
        merchant_id,
        {{ dbt.listagg('described_provider', "', '", 'order by ' ~ binary_order('described_provider')) }} as olo_providers
    from described_providers
    group by merchant_id
),

provider_counts as (
    select
        merchant_id,
        count(distinct olo_provider_id) as olo_provider_count
    from linked_providers
    group by merchant_id
),

-- of several configurations the one that was changed last
ranked_configs as (
    select
        *,
        row_number() over (
            partition by merchant_id
            order by coalesce(updated_at, created_at) desc nulls last, {{ binary_order('olo_config_id') }}
        ) as place,
        count(*) over (partition by merchant_id) as olo_config_count
    from olo_configs
),

final as (
    select
        ranked_configs.merchant_id,
        ranked_configs.olo_config_id,

        ranked_configs.pickup_instructions,
        provider_names.olo_providers,
        ranked_configs.olo_config_count,
        coalesce(provider_counts.olo_provider_count, 0) as olo_provider_count
    from ranked_configs
    left join provider_names on ranked_configs.merchant_id = provider_names.merchant_id
    left join provider_counts on ranked_configs.merchant_id = provider_counts.merchant_id
    where ranked_configs.place = 1
)

select * from final

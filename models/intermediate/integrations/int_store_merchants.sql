with

store_map as (
    select * from {{ ref('int_store_map') }}
),

platforms as (
    select * from {{ ref('platform_terms') }}
),

external_ids as (
    select * from {{ ref('int_integration_external_ids') }}
    where not is_deleted
),

merchants as (
    select * from {{ ref('stg_config__merchant') }}
),

-- the row that holds today; where none does the one before, and of a store still to come the first
nearest as (
    select
        *,
        row_number() over (
            partition by platform, platform_store_id
            order by
                case when valid_from <= cast({{ as_of_timestamp() }} as date) then 0 else 1 end,
                case when valid_from <= cast({{ as_of_timestamp() }} as date) then valid_from end desc nulls last,
                valid_from
        ) as nearness
    from store_map
),

stores as (
    select
        platform,
        platform_store_id,
        partner_store_code,
        store_name,
        merchant_id as store_map_merchant_id,
        time_zone,
        currency_code,
        cast({{ as_of_timestamp() }} as date) between valid_from and valid_to as is_mapped_today
    from nearest
    where nearness = 1
),

-- a copy of the ids at a test or deleted merchant, or at a switched-off integration, only counts where nothing better names the store
naming_merchants as (
    select distinct
        stores.platform,
        stores.platform_store_id,
        external_ids.merchant_id,
        external_ids.is_active and not coalesce(merchants.is_deleted or merchants.is_test, true) as is_in_use
    from stores
    inner join platforms on stores.platform = platforms.platform
    inner join external_ids
        on platforms.integration_source = external_ids.integration_source
        and external_ids.external_id in (stores.platform_store_id, stores.partner_store_code)
    left join merchants on external_ids.merchant_id = merchants.merchant_id
),

named as (
    select
        platform,
        platform_store_id,
        count(distinct merchant_id) as merchant_count,
        count(distinct case when is_in_use then merchant_id end) as in_use_merchant_count,
        max(merchant_id) as any_merchant_id,
        max(case when is_in_use then merchant_id end) as in_use_merchant_id
    from naming_merchants
    group by platform, platform_store_id
),

-- the maxima above are only read where there is one merchant to take
resolved as (
    select
        stores.*,
        coalesce(named.merchant_count, 0) as external_id_merchant_count,
        case
            when named.in_use_merchant_count = 1 then named.in_use_merchant_id
            when named.in_use_merchant_count = 0 and named.merchant_count = 1 then named.any_merchant_id
        end as external_id_merchant_id
    from stores
    left join named
        on stores.platform = named.platform
        and stores.platform_store_id = named.platform_store_id
),

final as (
    select
        platform || ':' || platform_store_id as store_id,
        coalesce(external_id_merchant_id, store_map_merchant_id) as merchant_id,
        external_id_merchant_id,
        store_map_merchant_id,

        platform,
        platform_store_id,
        partner_store_code,
        store_name,
        time_zone,
        currency_code,
        case
            when external_id_merchant_id is not null then 'external_id'
            when store_map_merchant_id is not null then 'store_map'
            else 'none'
        end as merchant_match_method,
        case
            when external_id_merchant_id <> store_map_merchant_id
                then 'The external ids of one merchant name the store, and the store map names another merchant.'
            when external_id_merchant_id is not null then 'The external ids of one merchant name the store.'
            when external_id_merchant_count > 1 and store_map_merchant_id is not null
                then 'The external ids of several merchants name the store; the store map decides.'
            when external_id_merchant_count > 1 then 'The external ids of several merchants name the store, and the store map names none.'
            when store_map_merchant_id is not null then 'No external id names the store; the store map does.'
            else 'Neither an external id nor the store map names a merchant.'
        end as merchant_match_reason,
        cast(external_id_merchant_count as bigint) as external_id_merchant_count,

        coalesce(external_id_merchant_id <> store_map_merchant_id, false)
        or (external_id_merchant_id is null and external_id_merchant_count > 1) as has_merchant_conflict,
        is_mapped_today
    from resolved
)

select * from final

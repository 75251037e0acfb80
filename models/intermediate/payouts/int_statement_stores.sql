-- which store each standing line is of: by the platform's store id, else the partner's code, else the name or an alias of it
with

lines as (
    select
        statement_line_id,
        platform,
        platform_store_id,
        partner_store_code,
        store_name,
        coalesce(stated_order_date, event_date, line_payout_date, cast(loaded_at as date)) as store_date
    from {{ ref('int_statement_line_states') }}
    where is_standing
),

store_map as (
    select
        *,
        {{ without_leading_zeros('platform_store_id') }} as platform_store_number,
        {{ without_leading_zeros('partner_store_code') }} as partner_store_number
    from {{ ref('int_store_map') }}
),

store_aliases as (
    select * from {{ ref('int_store_aliases') }}
),

store_merchants as (
    select * from {{ ref('int_store_merchants') }}
),

names as (
    select
        platform,
        platform_store_id,
        store_name,
        valid_from,
        valid_to
    from store_map
    union all
    select
        platform,
        platform_store_id,
        store_name,
        valid_from,
        valid_to
    from store_aliases
),

-- few stores and days stand over many lines: each is looked up once
stated_stores as (
    select distinct
        platform,
        platform_store_id,
        partner_store_code,
        store_name,
        store_date,
        {{ hashed_key([
            'platform', 'platform_store_id', 'partner_store_code', 'store_name', 'cast(store_date as ' ~ dbt.type_string() ~ ')',
        ]) }} as stated_store_id,
        {{ without_leading_zeros('platform_store_id') }} as platform_store_number,
        {{ without_leading_zeros('partner_store_code') }} as partner_store_number
    from lines
),

-- an id that lost its leading zeros names the store that no whole id names
candidates as (
    select
        stated_stores.stated_store_id,
        case when stated_stores.platform_store_id = store_map.platform_store_id then 1 else 3 end as preference,
        store_map.platform_store_id
    from stated_stores
    inner join store_map
        on stated_stores.platform = store_map.platform
        and stated_stores.platform_store_number = store_map.platform_store_number
    union all
    select
        stated_stores.stated_store_id,
        case when stated_stores.partner_store_code = store_map.partner_store_code then 2 else 4 end as preference,
        store_map.platform_store_id
    from stated_stores
    inner join store_map
        on stated_stores.platform = store_map.platform
        and stated_stores.partner_store_number = store_map.partner_store_number
    union all
    select
        stated_stores.stated_store_id,
        5 as preference,
        names.platform_store_id
    from stated_stores
    inner join names
        on stated_stores.platform = names.platform
        and stated_stores.store_name = names.store_name
        and stated_stores.store_date between names.valid_from and names.valid_to
),

preferred as (
    select
        stated_store_id,
        preference,
        max(platform_store_id) as platform_store_id,
        count(distinct platform_store_id) as store_count
    from candidates
    group by stated_store_id, preference
),

-- what names several stores names none. Chosen without a filter: PostgreSQL expects one row of what is left by a count or a rank
chosen as (
    select
        stated_store_id,
        coalesce(
            {%- for preference in range(1, 6) %}
            max(case when preference = {{ preference }} and store_count = 1 then platform_store_id end){{ '' if loop.last else ',' }}
            {%- endfor %}
        ) as platform_store_id
    from preferred
    group by stated_store_id
),

-- what the integrations say of a store holds for the days that the store map gives to its present merchant
found as (
    select
        stated_stores.stated_store_id,
        stated_stores.platform || ':' || chosen.platform_store_id as store_id,
        case
            when store_map.merchant_id = store_merchants.store_map_merchant_id then store_merchants.merchant_id
            else store_map.merchant_id
        end as merchant_id,
        chosen.platform_store_id,
        store_map.time_zone,
        store_map.currency_code
    from stated_stores
    inner join chosen on stated_stores.stated_store_id = chosen.stated_store_id
    left join store_map
        on stated_stores.platform = store_map.platform
        and chosen.platform_store_id = store_map.platform_store_id
        and stated_stores.store_date between store_map.valid_from and store_map.valid_to
    left join store_merchants
        on stated_stores.platform = store_merchants.platform
        and chosen.platform_store_id = store_merchants.platform_store_id
    where chosen.platform_store_id is not null
),

final as (
    select
        lines.statement_line_id,
        found.store_id,
        found.merchant_id,

        found.platform_store_id,
        found.time_zone,
        found.currency_code
    from lines
    inner join found
        on found.stated_store_id
        = {{ hashed_key([
            'lines.platform', 'lines.platform_store_id', 'lines.partner_store_code', 'lines.store_name',
            'cast(lines.store_date as ' ~ dbt.type_string() ~ ')',
        ]) }}
)

select * from final

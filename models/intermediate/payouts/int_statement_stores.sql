-- which store each standing line is of: by the platform's store id, else the partner's code, else the name or an alias of it
with

lines as (
    select
        statement_line_id,
        platform,
        platform_store_id,
        partner_store_code,
        store_name,
        coalesce(stated_order_date, event_date, payout_date, cast(loaded_at as date)) as store_date
    from {{ ref('int_statement_line_states') }}
    where is_standing
),

store_map as (
    select * from {{ ref('store_map') }}
    where recorded_on <= cast({{ as_of_timestamp() }} as date)
),

store_aliases as (
    select * from {{ ref('store_aliases') }}
    where recorded_on <= cast({{ as_of_timestamp() }} as date)
),

store_merchants as (
    select * from {{ ref('int_store_merchants') }}
),

names as (
    select platform, platform_store_id, store_name, valid_from, valid_to from store_map
    union all
    select platform, platform_store_id, store_name, valid_from, valid_to from store_aliases
),

candidates as (
    select lines.statement_line_id, 1 as preference, store_map.platform_store_id
    from lines
    inner join store_map
        on lines.platform = store_map.platform
        and lines.platform_store_id = store_map.platform_store_id
    union all
    select lines.statement_line_id, 2 as preference, store_map.platform_store_id
    from lines
    inner join store_map
        on lines.platform = store_map.platform
        and lines.partner_store_code = store_map.partner_store_code
    union all
    select lines.statement_line_id, 3 as preference, names.platform_store_id
    from lines
    inner join names
        on lines.platform = names.platform
        and lines.store_name = names.store_name
        and lines.store_date between names.valid_from and coalesce(names.valid_to, date '9999-12-31')
),

preferred as (
    select
        statement_line_id,
        preference,
        max(platform_store_id) as platform_store_id
    from candidates
    group by statement_line_id, preference
    having count(distinct platform_store_id) = 1
),

ranked as (
    select
        preferred.*,
        row_number() over (partition by statement_line_id order by preference) as preference_rank
    from preferred
),

-- what the integrations say of a store holds for the days that the store map gives to its present merchant
final as (
    select
        lines.statement_line_id,
        lines.platform || ':' || ranked.platform_store_id as store_id,
        case
            when store_map.merchant_id = store_merchants.store_map_merchant_id then store_merchants.merchant_id
            else store_map.merchant_id
        end as merchant_id,

        ranked.platform_store_id,
        store_map.time_zone,
        store_map.currency_code
    from lines
    inner join ranked
        on lines.statement_line_id = ranked.statement_line_id
        and ranked.preference_rank = 1
    left join store_map
        on lines.platform = store_map.platform
        and ranked.platform_store_id = store_map.platform_store_id
        and lines.store_date between store_map.valid_from and coalesce(store_map.valid_to, date '9999-12-31')
    left join store_merchants
        on lines.platform = store_merchants.platform
        and ranked.platform_store_id = store_merchants.platform_store_id
)

select * from final

-- the one place that says what the balance of an exception was when; a closed month's movements stay as they were closed
with

exceptions as (
    select * from {{ ref('reconciliation_exceptions') }}
    -- where nothing is left of one and nothing was won back or written off there is no balance to explain
    where exception_cents <> 0 or won_back_cents <> 0 or written_off_cents <> 0 or open_cents <> 0
),

exception_items as (
    select * from {{ ref('exception_items') }}
),

resolutions as (
    select * from {{ ref('int_exception_resolutions') }}
),

first_months as (
    select
        exception_id,
        cast({{ dbt.date_trunc('month', 'min(posting_date)') }} as date) as first_month_date
    from exception_items
    where not is_won_back
    group by exception_id
),

-- what counts from a later month on has changed the exception, not made it; what was won back has cleared it
item_movements as (
    select
        exception_items.exception_id,
        case
            when exception_items.is_won_back then 'cleared'
            when cast({{ dbt.date_trunc('month', 'exception_items.posting_date') }} as date) = first_months.first_month_date then 'new'
            else 'remeasured'
        end as movement_type,
        least(exception_items.posting_date, cast({{ as_of_timestamp() }} as date)) as movement_date,
        exception_items.item_cents as movement_cents
    from exception_items
    inner join first_months on exception_items.exception_id = first_months.exception_id
),

resolution_movements as (
    select
        exception_id,
        'cleared' as movement_type,
        least(resolution_date, cast({{ as_of_timestamp() }} as date)) as movement_date,
        -resolved_cents as movement_cents
    from resolutions
    union all
    select
        exception_id,
        'written_off' as movement_type,
        least(resolution_date, cast({{ as_of_timestamp() }} as date)) as movement_date,
        -written_off_cents as movement_cents
    from resolutions
),

settled as (
    select
        exception_id,
        {{ sum_cents('resolved_cents') }} as resolved_cents,
        max(resolution_date) as resolution_date
    from resolutions
    group by exception_id
),

last_won_back as (
    select
        exception_id,
        max(posting_date) as posting_date
    from exception_items
    where is_won_back
    group by exception_id
),

-- what was won back once somebody had settled it clears nothing twice
settled_twice as (
    select
        settled.exception_id,
        'cleared' as movement_type,
        least(greatest(settled.resolution_date, last_won_back.posting_date), cast({{ as_of_timestamp() }} as date)) as movement_date,
        settled.resolved_cents - exceptions.resolved_cents as movement_cents
    from settled
    inner join last_won_back on settled.exception_id = last_won_back.exception_id
    inner join exceptions on settled.exception_id = exceptions.exception_id
),

unioned as (
    select * from item_movements
    union all
    select * from resolution_movements
    union all
    select * from settled_twice
),

computed as (
    select
        unioned.exception_id,
        exceptions.store_id,
        exceptions.merchant_id,
        exceptions.platform,
        exceptions.legal_entity,
        exceptions.currency_code,
        exceptions.break_class,
        unioned.movement_type,
        unioned.movement_cents,
        unioned.movement_date,
        cast({{ dbt.date_trunc('month', 'unioned.movement_date') }} as date) as period_month_date
    from unioned
    inner join exceptions on unioned.exception_id = exceptions.exception_id
),

closed_movements as (
    select * from {{ ref('int_closed_exception_movements') }}
),

last_close as (
    select * from {{ ref('int_last_close') }}
),

closed_exceptions as (
    select distinct exception_id
    from closed_movements
),

found_exceptions as (
    select distinct exception_id
    from computed
),

-- what closed months would hold by now, less what they hold
late as (
    select
        computed.exception_id,
        computed.store_id,
        computed.merchant_id,
        computed.platform,
        computed.legal_entity,
        computed.currency_code,
        computed.break_class,
        computed.movement_type,
        computed.movement_cents
    from computed
    inner join last_close on computed.period_month_date <= last_close.last_closed_month_date
    union all
    select
        exception_id,
        store_id,
        merchant_id,
        platform,
        legal_entity,
        currency_code,
        break_class,
        movement_type,
        -movement_cents as movement_cents
    from closed_movements
),

-- an exception that a close knows is not new again: it is remeasured, and cleared once its cause is gone from the data
late_movements as (
    select
        late.exception_id,
        late.store_id,
        late.merchant_id,
        late.platform,
        late.legal_entity,
        late.currency_code,
        late.break_class,
        case
            when late.movement_type in ('cleared', 'written_off') then late.movement_type
            when closed_exceptions.exception_id is null then 'new'
            when found_exceptions.exception_id is null then 'cleared'
            else 'remeasured'
        end as movement_type,
        late.movement_cents,
        last_close.first_open_month_date as movement_date
    from late
    left join closed_exceptions on late.exception_id = closed_exceptions.exception_id
    left join found_exceptions on late.exception_id = found_exceptions.exception_id
    cross join last_close
),

open_movements as (
    select
        computed.exception_id,
        computed.store_id,
        computed.merchant_id,
        computed.platform,
        computed.legal_entity,
        computed.currency_code,
        computed.break_class,
        case
            when computed.movement_type = 'new' and closed_exceptions.exception_id is not null then 'remeasured'
            else computed.movement_type
        end as movement_type,
        computed.movement_cents,
        computed.movement_date
    from computed
    inner join last_close on computed.period_month_date > last_close.last_closed_month_date
    left join closed_exceptions on computed.exception_id = closed_exceptions.exception_id
    union all
    select * from late_movements
),

-- who bears an exception can change between two days, and each of both has its movement then
open_totals as (
    select
        {{ hashed_key([
            'exception_id', 'merchant_id', 'platform', 'legal_entity', 'movement_type',
            'cast(movement_date as ' ~ dbt.type_string() ~ ')',
        ]) }} as exception_movement_id,
        exception_id,
        store_id,
        merchant_id,
        platform,
        legal_entity,
        currency_code,
        break_class,
        movement_type,
        {{ sum_cents('movement_cents') }} as movement_cents,
        movement_date,
        cast({{ dbt.date_trunc('month', 'movement_date') }} as date) as period_month_date
    from open_movements
    group by
        exception_id,
        store_id,
        merchant_id,
        platform,
        legal_entity,
        currency_code,
        break_class,
        movement_type,
        movement_date
    having sum(movement_cents) <> 0
),

final as (
    {%- for relation in ['open_totals', 'closed_movements'] %}
    {{ 'union all' if not loop.first }}
    select
        exception_movement_id,
        exception_id,
        store_id,
        merchant_id,

        platform,
        legal_entity,
        currency_code,
        break_class,
        movement_type,

        movement_cents,

        movement_date,
        period_month_date
    from {{ relation }}
    {%- endfor %}
)

select * from final

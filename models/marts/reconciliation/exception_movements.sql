-- the one place that says what the balance of an exception was when: a closed month's frozen movements would replace these
with

exceptions as (
    select * from {{ ref('reconciliation_exceptions') }}
    -- where nothing is left of one and nothing was written off there is no balance to explain
    where exception_cents <> 0 or written_off_cents <> 0 or open_cents <> 0
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
    group by exception_id
),

-- what counts from a later month on has changed the exception, not made it
item_movements as (
    select
        exception_items.exception_id,
        case
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

unioned as (
    select * from item_movements
    union all
    select * from resolution_movements
),

final as (
    select
        {{ hashed_key(['unioned.exception_id', 'unioned.movement_type', 'cast(unioned.movement_date as ' ~ dbt.type_string() ~ ')']) }} as exception_movement_id,
        unioned.exception_id,
        exceptions.store_id,
        exceptions.merchant_id,

        exceptions.platform,
        exceptions.legal_entity,
        exceptions.currency_code,
        exceptions.break_class,
        unioned.movement_type,

        {{ sum_cents('unioned.movement_cents') }} as movement_cents,

        unioned.movement_date,
        cast({{ dbt.date_trunc('month', 'unioned.movement_date') }} as date) as period_month_date
    from unioned
    inner join exceptions on unioned.exception_id = exceptions.exception_id
    group by
        unioned.exception_id,
        exceptions.store_id,
        exceptions.merchant_id,
        exceptions.platform,
        exceptions.legal_entity,
        exceptions.currency_code,
        exceptions.break_class,
        unioned.movement_type,
        unioned.movement_date
    having sum(unioned.movement_cents) <> 0
)

select * from final

with

doordash_calls as (
    select * from {{ ref('int_doordash_calls') }}
),

olo_calls as (
    select * from {{ ref('int_olo_calls') }}
),

calls as (
    select synced_at from doordash_calls
    union all
    select synced_at from olo_calls
),

-- the hour before what was replicated last may still be filled
final as (
    select
        'horizon' as horizon_id,

        {{ dbt.dateadd('hour', -1, 'least(max(synced_at), ' ~ as_of_timestamp() ~ ')') }} as settled_until
    from calls
)

select * from final

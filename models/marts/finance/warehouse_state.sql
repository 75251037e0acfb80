-- built after the marts that a close freezes, so that it speaks of all of them
-- depends_on: {{ ref('journal_entries') }}
-- depends_on: {{ ref('clearing_rollforward') }}
-- depends_on: {{ ref('transit_rollforward') }}
-- depends_on: {{ ref('reconciliation_rollforward') }}
-- depends_on: {{ ref('closed_exceptions') }}
-- depends_on: {{ ref('period_changes') }}
with

loaded_files as (
    select * from {{ ref('stg_coco_load__loaded_files') }}
    where loaded_at <= {{ as_of_timestamp() }}
),

closed_periods as (
    select * from {{ ref('closed_periods') }}
),

loads as (
    select
        cast(count(*) as bigint) as loaded_file_count,
        max(loaded_at) as loaded_until_at
    from loaded_files
),

closes as (
    select
        cast(count(*) as bigint) as closed_period_count,
        max(period_month_date) as last_closed_month_date
    from closed_periods
),

final as (
    select
        'warehouse' as warehouse_state_id,

        loads.loaded_file_count,
        closes.closed_period_count,

        closes.last_closed_month_date,
        cast({{ as_of_timestamp() }} as timestamp) as as_of_at,
        loads.loaded_until_at
    from loads
    cross join closes
)

select * from final

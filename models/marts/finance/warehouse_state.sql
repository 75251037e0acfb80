-- built after the marts that a close freezes, so that it speaks of all of them
-- depends_on: {{ ref('journal_entries') }}
-- depends_on: {{ ref('clearing_rollforward') }}
-- depends_on: {{ ref('transit_rollforward') }}
-- depends_on: {{ ref('reconciliation_rollforward') }}
-- depends_on: {{ ref('closed_exceptions') }}
-- depends_on: {{ ref('period_changes') }}
with

loaded_files as (
    select
        loaded_at,
        loaded_at <= {{ as_of_timestamp() }} as is_loaded
    from {{ ref('stg_coco_load__loaded_files') }}
),

closed_periods as (
    select * from {{ ref('closed_periods') }}
),

loads as (
    select
        cast(coalesce(sum(case when is_loaded then 1 else 0 end), 0) as bigint) as loaded_file_count,
        cast(coalesce(sum(case when is_loaded then 0 else 1 end), 0) as bigint) as later_file_count,
        max(case when is_loaded then loaded_at end) as loaded_until_at
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
        loads.later_file_count,
        closes.closed_period_count,

        closes.last_closed_month_date,
        cast({{ as_of_timestamp() }} as timestamp) as as_of_at,
        loads.loaded_until_at
    from loads
    cross join closes
)

select * from final

-- Law 1, for resolutions. Each that landed whole by the moment looked at stands in the history once, under a code that is known,
-- and its exception is on the list.
with

exceptions as (
    select * from {{ ref('reconciliation_exceptions') }}
),

history as (
    select * from {{ ref('exception_history') }}
),

loaded_files as (
    select * from {{ ref('stg_coco_load__loaded_files') }}
),

resolutions as (
    select * from {{ ref('stg_finance__exception_resolutions') }}
),

landed as (
    select resolutions.resolution_id
    from resolutions
    inner join loaded_files on resolutions.source_file_hash = loaded_files.source_file_hash
    where resolutions.loaded_at <= {{ as_of_timestamp() }}
),

final as (
    select
        coalesce(landed.resolution_id, history.resolution_id) as resolution_id,
        landed.resolution_id is not null as has_landed,
        history.outcome,
        exceptions.exception_id
    from landed
    full outer join history on landed.resolution_id = history.resolution_id
    left join exceptions on history.exception_id = exceptions.exception_id
    where landed.resolution_id is null or history.outcome is null or exceptions.exception_id is null
)

select * from final

-- Law 1. Every landed statement row is a state of one line, repeats one in detail, sums up a payout, or is rejected;
-- and a file landed as many rows as its loader counted.
with

statement_rows as (
    select * from {{ ref('stg_payout_statements__statement_rows') }}
),

files as (
    select * from {{ ref('stg_coco_load__loaded_files') }}
),

landed as (
    select
        files.source_file_hash,
        files.landed_row_count,
        count(statement_rows.source_row_number) as row_count
    from files
    left join statement_rows
        on files.source_file_hash = statement_rows.source_file_hash
    where
        files.content_kind = 'statement'
        and files.loaded_at <= {{ as_of_timestamp() }}
    group by files.source_file_hash, files.landed_row_count
),

accounted as (
    select
        source_file_hash,
        count(*) as row_count,
        count(case when row_outcome = 'line' then 1 end) as line_row_count
    from {{ ref('int_statement_rows') }}
    group by source_file_hash
),

states as (
    select
        source_file_hash,
        count(*) as state_count
    from {{ ref('int_statement_line_states') }}
    group by source_file_hash
),

final as (
    select
        landed.source_file_hash,
        landed.landed_row_count,
        landed.row_count,
        accounted.row_count as accounted_row_count,
        accounted.line_row_count,
        states.state_count
    from landed
    left join accounted on landed.source_file_hash = accounted.source_file_hash
    left join states on landed.source_file_hash = states.source_file_hash
    where
        landed.landed_row_count <> landed.row_count
        or landed.row_count <> coalesce(accounted.row_count, 0)
        or coalesce(accounted.line_row_count, 0) <> coalesce(states.state_count, 0)
)

select * from final

{{ config(pre_hook='{{ delete_unlanded_statement_rows() }}') }}

with

landed as (
    select * from {{ ref('stg_payout_statements__statement_rows') }}
    where
        loaded_at <= {{ as_of_timestamp() }}
        and {{ is_unopened_file('source_file_hash') }}
),

loaded_files as (
    select * from {{ ref('stg_coco_load__loaded_files') }}
),

-- the rows of a file that is not named in loaded_files belong to a load that was cut off
opened as (
    select
        landed.source_file_hash,
        landed.source_row_number,
        landed.statement_format,
        landed.source_file_name,
        {{ json_names('landed.row_data') }} as headers,
        {{ json_texts('landed.row_data') }} as cell_texts,
        landed.loaded_at
    from landed
    inner join loaded_files on landed.source_file_hash = loaded_files.source_file_hash
),

-- rows of one header row have their cells in the same places
final as (
    select
        source_file_hash,
        source_row_number,
        {{ hashed_list('headers') }} as header_row_id,

        statement_format,
        source_file_name,
        cell_texts,

        loaded_at
    from opened
)

select * from final

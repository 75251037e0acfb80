with

landed as (
    select * from {{ ref('stg_payout_statements__statement_rows') }}
    where loaded_at <= {{ as_of_timestamp() }}
),

loaded_files as (
    select * from {{ ref('stg_coco_load__loaded_files') }}
),

statement_columns as (
    select * from {{ ref('statement_columns') }}
    where column_role <> 'informational'
),

-- the rows of a file that is not named in loaded_files belong to a load that was cut off
complete as (
    select
        landed.source_file_hash,
        landed.source_row_number,
        landed.statement_format,
        landed.row_data
    from landed
    inner join loaded_files on landed.source_file_hash = loaded_files.source_file_hash
),

opened as (
    select
        complete.source_file_hash,
        complete.source_row_number,
        complete.statement_format,
        {{ folded_blanks('cell.name') }} as header,
        nullif(nullif(trim(cell.value), ''), 'NULL') as cell_text
    from complete
    {{ json_members('complete.row_data', 'cell') }}
),

final as (
    select
        opened.source_file_hash,
        opened.source_row_number,
        opened.header,

        opened.statement_format,
        statement_columns.column_role,
        statement_columns.attribute_name,
        opened.cell_text,

        case when statement_columns.column_role <> 'attribute' then {{ text_to_cents('opened.cell_text') }} end as amount_cents,

        statement_columns.column_role = 'attribute' or {{ is_amount_text('opened.cell_text') }} as is_readable
    from opened
    inner join statement_columns
        on opened.statement_format = statement_columns.statement_format
        and opened.header = statement_columns.header
    where opened.cell_text is not null
)

select * from final

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
        cell.name as stated_header,
        nullif(nullif({{ trimmed('cell.value') }}, ''), 'NULL') as cell_text
    from complete
    {{ json_members('complete.row_data', 'cell') }}
),

-- few headers stand over many cells: each is looked up once
headers as (
    select distinct
        statement_format,
        stated_header
    from opened
),

known_headers as (
    select
        headers.statement_format,
        headers.stated_header,
        statement_columns.header,
        statement_columns.column_role,
        statement_columns.attribute_name
    from headers
    inner join statement_columns
        on headers.statement_format = statement_columns.statement_format
        and {{ folded_blanks('headers.stated_header') }} = statement_columns.header
),

final as (
    select
        opened.source_file_hash,
        opened.source_row_number,
        known_headers.header,

        opened.statement_format,
        known_headers.column_role,
        known_headers.attribute_name,
        opened.cell_text,

        case when known_headers.column_role <> 'attribute' then {{ text_to_cents('opened.cell_text') }} end as amount_cents,

        known_headers.column_role = 'attribute' or {{ is_amount_text('opened.cell_text') }} as is_readable
    from opened
    inner join known_headers
        on opened.statement_format = known_headers.statement_format
        and opened.stated_header = known_headers.stated_header
    where opened.cell_text is not null
)

select * from final

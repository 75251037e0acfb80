with

statement_rows as (
    select * from {{ ref('int_statement_row_texts') }}
),

landed as (
    select * from {{ ref('stg_payout_statements__statement_rows') }}
),

statement_columns as (
    select * from {{ ref('statement_columns') }}
),

-- any row tells the headers of all that have the same
numbered as (
    select
        header_row_id,
        statement_format,
        source_file_hash,
        source_row_number,
        row_number() over (partition by header_row_id, statement_format order by source_file_hash, source_row_number) as row_rank
    from statement_rows
    where header_row_id is not null
),

header_rows as (
    select
        numbered.header_row_id,
        numbered.statement_format,
        {{ json_names('landed.row_data') }} as headers
    from numbered
    inner join landed
        on numbered.source_file_hash = landed.source_file_hash
        and numbered.source_row_number = landed.source_row_number
    where numbered.row_rank = 1
),

opened as (
    select
        header_rows.header_row_id,
        header_rows.statement_format,
        header.item as stated_header,
        header.place
    from header_rows
    {{ list_items('header_rows.headers', 'header') }}
),

folded as (
    select
        opened.*,
        {{ folded_blanks('stated_header') }} as header
    from opened
),

-- a header of the seed that begins with * stands for every header that ends with the rest of it
final as (
    select
        folded.header_row_id,
        folded.statement_format,
        folded.place,

        folded.header,
        coalesce(statement_columns.column_role, endings.column_role) as column_role,
        coalesce(statement_columns.attribute_name, endings.attribute_name) as attribute_name
    from folded
    left join statement_columns
        on folded.statement_format = statement_columns.statement_format
        and folded.header = statement_columns.header
    left join statement_columns as endings
        on folded.statement_format = endings.statement_format
        and statement_columns.header is null
        and endings.header like '*%'
        and right(folded.header, length(endings.header) - 1) = substr(endings.header, 2)
)

select * from final

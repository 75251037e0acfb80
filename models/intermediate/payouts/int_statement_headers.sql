with

statement_rows as (
    select * from {{ ref('int_statement_row_texts') }}
),

statement_columns as (
    select * from {{ ref('statement_columns') }}
),

header_rows as (
    select
        header_row_id,
        statement_format,
        min(headers) as headers
    from statement_rows
    where header_row_id is not null
    group by header_row_id, statement_format
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

{{ config(pre_hook='{{ delete_outdated_statement_rows() }}') }}

with

statement_rows as (
    select * from {{ ref('int_statement_row_texts') }}
    where {{ is_unopened_file('source_file_hash') }}
),

reading as (
    select * from {{ ref('int_statement_reading') }}
),

money_headers as (
    select * from {{ ref('int_statement_headers') }}
    where column_role in ('amount', 'net')
),

opened as (
    select
        statement_rows.source_file_hash,
        statement_rows.source_row_number,
        money_headers.header,
        money_headers.column_role,
        {{ stated_text(list_item('statement_rows.cell_texts', 'money_headers.place')) }} as cell_text
    from statement_rows
    inner join money_headers
        on statement_rows.header_row_id = money_headers.header_row_id
        and statement_rows.statement_format = money_headers.statement_format
),

read as (
    select
        opened.*,
        {{ text_to_cents('cell_text') }} as amount_cents
    from opened
    where cell_text is not null
),

final as (
    select
        read.source_file_hash,
        read.source_row_number,
        read.header,
        reading.reading_id,

        read.column_role,

        read.amount_cents,

        case when read.amount_cents is not null then true else {{ is_amount_text('read.cell_text') }} end as is_readable
    from read
    cross join reading
)

select * from final

with

statement_rows as (
    select * from {{ ref('int_statement_rows') }}
    where row_outcome = 'rejected'
),

final as (
    select
        source_file_hash,
        source_row_number,

        platform as statement_platform,
        statement_format,
        source_file_name,
        finding as findings,

        loaded_at
    from statement_rows
)

select * from final

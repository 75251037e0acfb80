with

deposit_rows as (
    select * from {{ ref('int_deposit_rows') }}
    where row_outcome = 'rejected'
),

final as (
    select
        source_file_hash,
        source_row_number,

        bank_account_id,
        source_file_name,
        finding as findings,

        loaded_at
    from deposit_rows
)

select * from final

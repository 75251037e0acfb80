with

deposits as (
    select * from {{ ref('int_deposits') }}
),

final as (
    select
        deposit_id,
        bank_transaction_id,
        bank_account_id,

        legal_entity,
        platform,
        currency_code,
        description,
        payment_reference,
        case
            when payout_count > 0 and allocated_cents = deposited_cents then 'matched'
            when allocated_cents <> 0 then 'partly_matched'
            else 'unmatched'
        end as deposit_state,
        payout_count,
        source_file_name,
        source_row_number,

        deposited_cents,
        allocated_cents,

        is_known_account,

        posted_date,
        loaded_at
    from deposits
)

select * from final

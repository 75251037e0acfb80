-- each bank transaction that is a platform's payout, whose books its account is in, and how much of it pays known payouts
with

deposits as (
    select * from {{ ref('int_deposit_rows') }}
    where row_outcome = 'deposit'
),

payout_deposits as (
    select * from {{ ref('int_payout_deposits') }}
),

payee_accounts as (
    select * from {{ ref('int_payee_accounts') }}
),

allocations as (
    select
        deposit_id,
        count(*) as payout_count,
        {{ sum_cents('allocated_cents') }} as allocated_cents
    from payout_deposits
    group by deposit_id
),

account_books as (
    select
        deposits.deposit_id,
        case
            when min(payee_accounts.legal_entity) = max(payee_accounts.legal_entity) then max(payee_accounts.legal_entity)
        end as legal_entity
    from deposits
    inner join payee_accounts
        on deposits.bank_account_id = payee_accounts.bank_account_id
        and deposits.posted_date between payee_accounts.valid_from and payee_accounts.valid_to
    group by deposits.deposit_id
),

final as (
    select
        deposits.deposit_id,
        deposits.bank_transaction_id,
        deposits.bank_account_id,

        account_books.legal_entity,
        deposits.platform,
        deposits.currency_code,
        deposits.description,
        deposits.payment_reference,
        coalesce(allocations.payout_count, 0) as payout_count,

        deposits.amount_cents as deposited_cents,
        coalesce(allocations.allocated_cents, 0) as allocated_cents,

        account_books.deposit_id is not null as is_known_account,

        deposits.posted_date,
        deposits.source_file_name,
        deposits.source_row_number,
        deposits.loaded_at
    from deposits
    left join allocations on deposits.deposit_id = allocations.deposit_id
    left join account_books on deposits.deposit_id = account_books.deposit_id
)

select * from final

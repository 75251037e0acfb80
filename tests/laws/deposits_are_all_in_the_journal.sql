-- Law 5. Every deposit at an account that the seed payee_accounts says is Coco's on its day is in the journal's bank accounts, to the cent,
-- and no other is: counted from the seed and the bank's rows, not from the books that deposits and payouts were found to be in.
with

accounts as (
    select * from {{ ref('chart_of_accounts') }}
),

postings as (
    select * from {{ ref('journal_postings') }}
),

deposit_rows as (
    select * from {{ ref('int_deposit_rows') }}
),

payee_accounts as (
    select * from {{ ref('int_payee_accounts') }}
    where merchant_of_record = 'coco'
),

deposited as (
    select
        deposit_rows.deposit_id,
        sum(deposit_rows.amount_cents) as deposited_cents
    from deposit_rows
    where
        deposit_rows.row_outcome = 'deposit'
        and exists (
            select 1 from payee_accounts
            where
                payee_accounts.bank_account_id = deposit_rows.bank_account_id
                and deposit_rows.posted_date between payee_accounts.valid_from and payee_accounts.valid_to
        )
    group by deposit_rows.deposit_id
),

posted as (
    select
        postings.source_id as deposit_id,
        sum(postings.posted_cents) as posted_cents
    from postings
    inner join accounts on postings.account_code = accounts.account_code
    where postings.source_type = 'deposit' and accounts.posting_role = 'bank'
    group by postings.source_id
),

final as (
    select
        coalesce(deposited.deposit_id, posted.deposit_id) as deposit_id,
        deposited.deposited_cents,
        posted.posted_cents
    from deposited
    full outer join posted on deposited.deposit_id = posted.deposit_id
    where coalesce(deposited.deposited_cents, 0) <> coalesce(posted.posted_cents, 0)
)

select * from final

-- what each deposit posts: the bank has it, and it is no longer on its way
with

legal_entities as (
    select * from {{ ref('legal_entities') }}
    where recorded_on <= cast({{ as_of_timestamp() }} as date)
),

all_deposits as (
    select * from {{ ref('int_deposits') }}
),

payout_deposits as (
    select * from {{ ref('int_payout_deposits') }}
),

payouts as (
    select * from {{ ref('int_payout_settlements') }}
),

deposits as (
    select
        all_deposits.*,
        legal_entities.legal_entity is not null as is_in_coco_books
    from all_deposits
    left join legal_entities on all_deposits.legal_entity = legal_entities.legal_entity
),

-- what pays a payout is credited in the books of the payout; what is too much, or at the wrong account, in those of the account
linked as (
    select
        deposits.deposit_id,
        payouts.merchant_id,
        payouts.store_id,
        payouts.platform,
        deposits.currency_code,
        deposits.legal_entity as deposit_legal_entity,
        payouts.legal_entity as payout_legal_entity,
        deposits.is_in_coco_books as is_deposit_in_coco_books,
        payouts.is_in_coco_books as is_payout_in_coco_books,
        coalesce(deposits.legal_entity = payouts.legal_entity, false) as is_in_books_of_payout,
        payout_deposits.allocated_cents,
        payout_deposits.misdirected_cents + payout_deposits.excess_cents as unallocated_cents,
        deposits.posted_date
    from payout_deposits
    inner join deposits on payout_deposits.deposit_id = deposits.deposit_id
    inner join payouts on payout_deposits.payout_id = payouts.payout_id
),

parts as (
    select
        deposit_id,
        legal_entity,
        cast(null as {{ dbt.type_string() }}) as merchant_id,
        cast(null as {{ dbt.type_string() }}) as store_id,
        platform,
        currency_code,
        'bank' as posting_role,
        deposited_cents as posted_cents,
        posted_date
    from deposits
    where is_in_coco_books
    union all
    select
        deposit_id,
        payout_legal_entity as legal_entity,
        merchant_id,
        store_id,
        platform,
        currency_code,
        'transit' as posting_role,
        -allocated_cents as posted_cents,
        posted_date
    from linked
    where is_payout_in_coco_books
    union all
    select
        deposit_id,
        payout_legal_entity as legal_entity,
        merchant_id,
        store_id,
        platform,
        currency_code,
        'due_between_entities' as posting_role,
        allocated_cents as posted_cents,
        posted_date
    from linked
    where is_payout_in_coco_books and not is_in_books_of_payout
    union all
    select
        deposit_id,
        deposit_legal_entity as legal_entity,
        merchant_id,
        store_id,
        platform,
        currency_code,
        'due_between_entities' as posting_role,
        -allocated_cents as posted_cents,
        posted_date
    from linked
    where is_deposit_in_coco_books and not is_in_books_of_payout
    union all
    select
        deposit_id,
        deposit_legal_entity as legal_entity,
        merchant_id,
        store_id,
        platform,
        currency_code,
        'transit' as posting_role,
        -unallocated_cents as posted_cents,
        posted_date
    from linked
    where is_deposit_in_coco_books
    union all
    select
        deposit_id,
        legal_entity,
        cast(null as {{ dbt.type_string() }}) as merchant_id,
        cast(null as {{ dbt.type_string() }}) as store_id,
        platform,
        currency_code,
        'transit' as posting_role,
        -deposited_cents as posted_cents,
        posted_date
    from deposits
    where is_in_coco_books and payout_count = 0
),

summed as (
    select
        deposit_id,
        legal_entity,
        merchant_id,
        store_id,
        platform,
        currency_code,
        posting_role,
        {{ sum_cents('posted_cents') }} as posted_cents,
        posted_date
    from parts
    group by deposit_id, legal_entity, merchant_id, store_id, platform, currency_code, posting_role, posted_date
),

final as (
    select
        summed.deposit_id,
        summed.store_id,
        summed.merchant_id,
        deposits.bank_account_id,

        summed.legal_entity,
        summed.platform,
        deposits.platform as entry_platform,
        summed.currency_code,
        summed.posting_role,

        summed.posted_cents,

        summed.posted_date as entry_date
    from summed
    inner join deposits on summed.deposit_id = deposits.deposit_id
    where summed.posted_cents <> 0
)

select * from final

-- what each payout posts: it clears what its lines stated, and what is due of it is on its way to the bank
with

line_books as (
    select * from {{ ref('int_line_books') }}
    where payout_id is not null and stated_cents <> 0
),

payouts as (
    select * from {{ ref('int_payout_settlements') }}
),

-- what a payout takes up: its lines, and what the payout before it carried forward, in the books where that one left it
taken_up as (
    select
        payout_id,
        legal_entity,
        merchant_id,
        store_id,
        platform,
        currency_code,
        stated_cents as taken_up_cents,
        is_in_coco_books
    from line_books
    union all
    select
        payouts.payout_id,
        previous_payouts.legal_entity,
        previous_payouts.merchant_id,
        previous_payouts.store_id,
        previous_payouts.platform,
        payouts.currency_code,
        payouts.carry_in_cents as taken_up_cents,
        previous_payouts.is_in_coco_books
    from payouts
    inner join payouts as previous_payouts on payouts.previous_payout_id = previous_payouts.payout_id
    where payouts.carry_in_cents <> 0
),

-- what a payout takes up can be in other books than the payout: the store has had another payee since, or is not known
settled as (
    select
        taken_up.*,
        payouts.legal_entity as payout_legal_entity,
        payouts.merchant_id as payout_merchant_id,
        payouts.store_id as payout_store_id,
        payouts.platform as payout_platform,
        payouts.is_in_coco_books as is_payout_in_coco_books,
        coalesce(taken_up.legal_entity = payouts.legal_entity, false)
        and taken_up.is_in_coco_books = payouts.is_in_coco_books as is_in_books_of_payout,
        payouts.payout_date
    from taken_up
    inner join payouts on taken_up.payout_id = payouts.payout_id
),

parts as (
    select
        payout_id,
        legal_entity,
        merchant_id,
        store_id,
        platform,
        currency_code,
        'clearing' as posting_role,
        -taken_up_cents as posted_cents,
        payout_date
    from settled
    where is_in_coco_books
    union all
    select
        payout_id,
        legal_entity,
        merchant_id,
        store_id,
        platform,
        currency_code,
        'due_between_entities' as posting_role,
        taken_up_cents as posted_cents,
        payout_date
    from settled
    where is_in_coco_books and not is_in_books_of_payout
    union all
    select
        payout_id,
        payout_legal_entity as legal_entity,
        payout_merchant_id as merchant_id,
        payout_store_id as store_id,
        payout_platform as platform,
        currency_code,
        case when legal_entity is null then 'suspense' else 'due_between_entities' end as posting_role,
        -taken_up_cents as posted_cents,
        payout_date
    from settled
    where is_payout_in_coco_books and not is_in_books_of_payout
    union all
    -- a balance below zero that is carried forward stays in clearing: the platform keeps it back from what it pays next
    select
        payout_id,
        legal_entity,
        merchant_id,
        store_id,
        platform,
        currency_code,
        'clearing' as posting_role,
        carry_out_cents as posted_cents,
        payout_date
    from payouts
    where is_in_coco_books
    union all
    select
        payout_id,
        legal_entity,
        merchant_id,
        store_id,
        platform,
        currency_code,
        'transit' as posting_role,
        due_cents as posted_cents,
        payout_date
    from payouts
    where is_in_coco_books
),

summed as (
    select
        payout_id,
        legal_entity,
        merchant_id,
        store_id,
        platform,
        currency_code,
        posting_role,
        {{ sum_cents('posted_cents') }} as posted_cents,
        payout_date
    from parts
    group by payout_id, legal_entity, merchant_id, store_id, platform, currency_code, posting_role, payout_date
),

final as (
    select
        summed.payout_id,
        summed.store_id,
        summed.merchant_id,
        payouts.merchant_id as entry_merchant_id,

        summed.legal_entity,
        summed.platform,
        payouts.platform as entry_platform,
        summed.currency_code,
        summed.posting_role,

        summed.posted_cents,

        summed.payout_date as entry_date
    from summed
    inner join payouts on summed.payout_id = payouts.payout_id
    where summed.posted_cents <> 0
)

select * from final

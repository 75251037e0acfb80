-- With its closes and prior-period adjustments the journal comes, by entity, merchant, platform, currency and account, to what the data
-- say without them.
with

postings as (
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        account_code,
        posted_cents
    from {{ ref('computed_postings') }}
    union all
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        account_code,
        credit_cents - debit_cents as posted_cents
    from {{ ref('journal_entries') }}
),

final as (
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        account_code,
        sum(posted_cents) as difference_cents
    from postings
    group by legal_entity, merchant_id, platform, currency_code, account_code
    having sum(posted_cents) <> 0
)

select * from final

-- The change bridge explains the prior-period adjustments: by legal entity, merchant, currency and month that they post in, what has
-- changed of expected, claimed, due and deposited is what the journal adjusts.
with

legal_entities as (
    select * from {{ ref('legal_entities') }}
),

period_changes as (
    select * from {{ ref('period_changes') }}
),

accounts as (
    select * from {{ ref('chart_of_accounts') }}
),

postings as (
    select * from {{ ref('journal_postings') }}
),

-- both sides in the sign of clearing and transit: a debit is what is owed
adjustments as (
    select
        postings.legal_entity,
        postings.merchant_id,
        postings.currency_code,
        postings.period_month_date as adjustment_month_date,
        case postings.source_type
            when 'order' then 'expected'
            when 'claim' then 'claimed'
            when 'payout' then 'due'
            when 'deposit' then 'deposited'
            when 'attempt' then 'courier_cost'
        end as figure,
        case
            when postings.source_type in ('deposit', 'attempt') then -postings.posted_cents
            else postings.posted_cents
        end as adjusted_cents
    from postings
    inner join accounts on postings.account_code = accounts.account_code
    where
        postings.entry_type = 'prior_period'
        and (
            (postings.source_type in ('order', 'claim') and accounts.posting_role = 'clearing')
            or (postings.source_type in ('payout', 'deposit') and accounts.posting_role = 'transit')
            or (postings.source_type = 'attempt' and accounts.posting_role = 'accrued_delivery_costs')
        )
),

changes as (
    select
        period_changes.legal_entity,
        period_changes.merchant_id,
        period_changes.currency_code,
        period_changes.adjustment_month_date,
        period_changes.figure,
        -period_changes.difference_cents as adjusted_cents
    from period_changes
    inner join legal_entities on period_changes.legal_entity = legal_entities.legal_entity
    where period_changes.figure in ('expected', 'claimed', 'due', 'deposited', 'courier_cost')
),

unioned as (
    select * from adjustments
    union all
    select * from changes
),

final as (
    select
        legal_entity,
        merchant_id,
        currency_code,
        adjustment_month_date,
        figure,
        sum(adjusted_cents) as difference_cents
    from unioned
    group by legal_entity, merchant_id, currency_code, adjustment_month_date, figure
    having sum(adjusted_cents) <> 0
)

select * from final

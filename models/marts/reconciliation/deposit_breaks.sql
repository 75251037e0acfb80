{%- set text = dbt.type_string() -%}
with

payouts as (
    select * from {{ ref('int_payout_settlements') }}
),

deposits as (
    select * from {{ ref('int_deposits') }}
),

payout_deposits as (
    select * from {{ ref('int_payout_deposits') }}
),

deposit_causes as (
    select * from {{ ref('int_deposit_causes') }}
),

links as (
    select
        payout_deposits.*,
        deposits.bank_account_id,
        deposits.legal_entity,
        deposits.posted_date,
        deposits.loaded_at,
        sum(case when payout_deposits.excess_cents > 0 and not payout_deposits.is_duplicate then payout_deposits.excess_cents else 0 end)
            over (partition by payout_deposits.payout_id) as over_cents,
        row_number() over (
            partition by payout_deposits.payout_id
            order by deposits.posted_date desc, {{ binary_order('deposits.deposit_id') }} desc
        ) as recency
    from payout_deposits
    inner join deposits on payout_deposits.deposit_id = deposits.deposit_id
),

-- due, past the day on which it is overdue, and not at any account
unpaid as (
    select
        case when links.deposit_id is null then 'missing_deposit' else 'short_deposit' end as break_class,
        payouts.payout_id,
        links.deposit_id,
        payouts.bank_account_id,
        payouts.legal_entity,
        -payouts.overdue_cents as break_cents,
        cast(null as {{ text }}) as caused_by,
        coalesce(links.posted_date, {{ add_days('payouts.overdue_after_date', '1') }}) as break_date,
        greatest(
            cast({{ add_days('payouts.overdue_after_date', '1') }} as timestamp),
            payouts.first_loaded_at,
            coalesce(links.loaded_at, payouts.first_loaded_at)
        ) as first_seen_at
    from payouts
    left join links
        on payouts.payout_id = links.payout_id
        and links.recency = 1
    where payouts.overdue_cents <> 0
),

-- the payout lacks at its own account what another account has
misdirected as (
    select
        'wrong_account_deposit' as break_class,
        links.payout_id,
        links.deposit_id,
        payouts.bank_account_id,
        payouts.legal_entity,
        -links.misdirected_cents as break_cents,
        cast(null as {{ text }}) as caused_by,
        links.posted_date as break_date,
        greatest(links.loaded_at, payouts.first_loaded_at) as first_seen_at
    from links
    inner join payouts on links.payout_id = payouts.payout_id
    where links.misdirected_cents <> 0
    union all
    select
        'wrong_account_deposit' as break_class,
        links.payout_id,
        links.deposit_id,
        links.bank_account_id,
        links.legal_entity,
        links.misdirected_cents as break_cents,
        cast(null as {{ text }}) as caused_by,
        links.posted_date as break_date,
        greatest(links.loaded_at, payouts.first_loaded_at) as first_seen_at
    from links
    inner join payouts on links.payout_id = payouts.payout_id
    where links.misdirected_cents <> 0
),

-- more than is due, and what the bank takes back of it, as the class of what it takes; of a payout that only a summary names nobody knows
-- what is due
excess as (
    select
        case
            when payouts.statement_line_count = 0 then 'unexpected_deposit'
            when links.is_duplicate or links.excess_cents < -links.over_cents then 'duplicate_deposit'
            else 'over_deposit'
        end as break_class,
        links.payout_id,
        links.deposit_id,
        links.bank_account_id,
        links.legal_entity,
        links.excess_cents as break_cents,
        case when payouts.statement_line_count = 0 then 'statement_not_loaded' end as caused_by,
        links.posted_date as break_date,
        greatest(links.loaded_at, payouts.first_loaded_at) as first_seen_at
    from links
    inner join payouts on links.payout_id = payouts.payout_id
    where links.excess_cents <> 0
),

unexplained as (
    select
        'unexpected_deposit' as break_class,
        cast(null as {{ text }}) as payout_id,
        deposits.deposit_id,
        deposits.bank_account_id,
        deposits.legal_entity,
        deposits.deposited_cents as break_cents,
        deposit_causes.caused_by,
        deposits.posted_date as break_date,
        deposits.loaded_at as first_seen_at
    from deposits
    left join deposit_causes on deposits.deposit_id = deposit_causes.deposit_id
    where deposits.payout_count = 0
),

unioned as (
    select * from unpaid
    union all
    select * from misdirected
    union all
    select * from excess
    union all
    select * from unexplained
),

final as (
    select
        {{ hashed_key(['unioned.break_class', 'unioned.payout_id', 'unioned.deposit_id', 'unioned.bank_account_id']) }} as deposit_break_id,
        unioned.payout_id,
        unioned.deposit_id,
        payouts.store_id,
        payouts.merchant_id,
        unioned.bank_account_id,

        unioned.break_class,
        coalesce(payouts.platform, deposits.platform) as platform,
        unioned.legal_entity,
        coalesce(payouts.currency_code, deposits.currency_code) as currency_code,
        unioned.caused_by,

        cast(unioned.break_cents as bigint) as break_cents,

        unioned.break_date,
        unioned.first_seen_at
    from unioned
    left join payouts on unioned.payout_id = payouts.payout_id
    left join deposits on unioned.deposit_id = deposits.deposit_id
    where unioned.break_cents <> 0
)

select * from final

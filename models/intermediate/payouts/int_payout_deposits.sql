-- which deposit pays which payout: by reference, then by the amount in a window, then a whole group at once; never by a search over subsets
with

payouts as (
    select * from {{ ref('int_payout_amounts') }}
),

deposits as (
    select * from {{ ref('int_deposit_rows') }}
    where row_outcome = 'deposit'
),

-- banks write references in capitals: where no payout has it exactly, the one that has it but for capitals
reference_candidates as (
    select
        payouts.payout_id,
        deposits.deposit_id,
        payouts.payout_reference = deposits.payment_reference as is_exact,
        count(*) over (partition by deposits.deposit_id) as candidate_count
    from deposits
    inner join payouts
        on deposits.platform = payouts.platform
        and deposits.currency_code = payouts.currency_code
        and upper(deposits.payment_reference) = upper(payouts.payout_reference)
),

referred as (
    select
        reference_candidates.payout_id,
        reference_candidates.deposit_id,
        payouts.due_cents,
        deposits.amount_cents,
        deposits.posted_date,
        coalesce(payouts.bank_account_id = deposits.bank_account_id, true) as is_payout_account
    from reference_candidates
    inner join payouts on reference_candidates.payout_id = payouts.payout_id
    inner join deposits on reference_candidates.deposit_id = deposits.deposit_id
    where reference_candidates.is_exact or reference_candidates.candidate_count = 1
),

-- deposits of one payout fill what is due one after another, those at its own account first
filled as (
    select
        referred.*,
        sum(amount_cents) over deposits_in_order as deposited_until_now_cents,
        (sum(amount_cents) over deposits_in_order) - amount_cents as deposited_before_cents,
        count(*) over (
            partition by payout_id, amount_cents
            order by case when is_payout_account then 0 else 1 end, posted_date, {{ binary_order('deposit_id') }}
            rows unbounded preceding
        ) - 1 as like_amounts_before
    from referred
    window deposits_in_order as (
        partition by payout_id
        order by case when is_payout_account then 0 else 1 end, posted_date, {{ binary_order('deposit_id') }}
        rows unbounded preceding
    )
),

by_reference as (
    select
        payout_id,
        deposit_id,
        'reference' as match_method,
        'the deposit carries the reference of the payout' as match_reason,
        is_payout_account,
        amount_cents = due_cents or like_amounts_before > 0 as is_like_another,
        amount_cents,
        least(deposited_until_now_cents, due_cents) - least(deposited_before_cents, due_cents) as taken_cents
    from filled
),

tied_payouts as (
    select distinct payout_id from by_reference
),

tied_deposits as (
    select distinct deposit_id from by_reference
),

-- what no reference has tied: only whole payouts, and only deposits that bring money
open_payouts as (
    select payouts.*
    from payouts
    left join tied_payouts on payouts.payout_id = tied_payouts.payout_id
    where tied_payouts.payout_id is null and payouts.due_cents > 0 and payouts.bank_account_id is not null
),

open_deposits as (
    select deposits.*
    from deposits
    left join tied_deposits on deposits.deposit_id = tied_deposits.deposit_id
    where tied_deposits.deposit_id is null and deposits.amount_cents > 0
),

amount_candidates as (
    select
        open_payouts.payout_id,
        open_deposits.deposit_id,
        open_payouts.platform,
        open_payouts.bank_account_id,
        open_payouts.currency_code,
        open_payouts.due_cents,
        open_payouts.payout_date,
        open_deposits.posted_date,
        count(*) over (partition by open_payouts.payout_id) as deposit_count,
        count(*) over (partition by open_deposits.deposit_id) as payout_count
    from open_payouts
    inner join open_deposits
        on open_payouts.platform = open_deposits.platform
        and open_payouts.bank_account_id = open_deposits.bank_account_id
        and open_payouts.currency_code = open_deposits.currency_code
        and open_payouts.due_cents = open_deposits.amount_cents
        and open_deposits.posted_date between open_payouts.window_first_date and open_payouts.window_last_date
),

-- payouts of one payday and amount are told apart by nothing: as many deposits, which nothing else explains, pay them all
interchangeable as (
    select
        amount_candidates.*,
        dense_rank() over (
            partition by platform, bank_account_id, currency_code, due_cents, payout_date
            order by {{ binary_order('payout_id') }}
        ) as payout_rank,
        dense_rank() over (
            partition by platform, bank_account_id, currency_code, due_cents, payout_date
            order by posted_date, {{ binary_order('deposit_id') }}
        ) as deposit_rank,
        max(payout_count) over (
            partition by platform, bank_account_id, currency_code, due_cents, payout_date
        ) as most_payouts
    from amount_candidates
),

sized as (
    select
        interchangeable.*,
        max(payout_rank) over (
            partition by platform, bank_account_id, currency_code, due_cents, payout_date
        ) as like_payout_count
    from interchangeable
),

by_amount as (
    select
        payout_id,
        deposit_id,
        'amount_in_window' as match_method,
        case
            when like_payout_count = 1 then 'no other payout or deposit of the account has this amount in these days'
            else 'as many deposits as payouts of this payday have this amount'
        end as match_reason,
        due_cents as taken_cents
    from sized
    where payout_rank = deposit_rank and deposit_count = like_payout_count and most_payouts = like_payout_count
),

group_payouts as (
    select open_payouts.*
    from open_payouts
    left join by_amount on open_payouts.payout_id = by_amount.payout_id
    where by_amount.payout_id is null
),

payout_groups as (
    select
        platform,
        bank_account_id,
        currency_code,
        payout_date,
        min(window_first_date) as window_first_date,
        max(window_last_date) as window_last_date,
        count(*) as payout_count,
        {{ sum_cents('due_cents') }} as due_cents
    from group_payouts
    group by platform, bank_account_id, currency_code, payout_date
    having count(*) > 1
),

group_candidates as (
    select
        payout_groups.*,
        open_deposits.deposit_id,
        count(*) over (
            partition by payout_groups.platform, payout_groups.bank_account_id, payout_groups.currency_code, payout_groups.payout_date
        ) as deposit_count,
        count(*) over (partition by open_deposits.deposit_id) as group_count
    from payout_groups
    inner join open_deposits
        on payout_groups.platform = open_deposits.platform
        and payout_groups.bank_account_id = open_deposits.bank_account_id
        and payout_groups.currency_code = open_deposits.currency_code
        and payout_groups.due_cents = open_deposits.amount_cents
        and open_deposits.posted_date between payout_groups.window_first_date and payout_groups.window_last_date
    left join by_amount on open_deposits.deposit_id = by_amount.deposit_id
    where by_amount.deposit_id is null
),

by_group as (
    select
        group_payouts.payout_id,
        group_candidates.deposit_id,
        'predefined_group' as match_method,
        'all ' || cast(group_candidates.payout_count as {{ dbt.type_string() }})
        || ' payouts of the platform, account and day that are not matched otherwise sum to the deposit' as match_reason,
        group_payouts.due_cents as taken_cents
    from group_candidates
    inner join group_payouts
        on group_candidates.platform = group_payouts.platform
        and group_candidates.bank_account_id = group_payouts.bank_account_id
        and group_candidates.currency_code = group_payouts.currency_code
        and group_candidates.payout_date = group_payouts.payout_date
    where group_candidates.deposit_count = 1 and group_candidates.group_count = 1
),

-- money at another account than the payout's is found, and not yet where it belongs: it is no allocation
final as (
    select
        payout_id,
        deposit_id,
        match_method,
        match_reason,
        cast(case when is_payout_account then taken_cents else 0 end as bigint) as allocated_cents,
        cast(case when is_payout_account then 0 else taken_cents end as bigint) as misdirected_cents,
        cast(amount_cents - taken_cents as bigint) as excess_cents,
        taken_cents = 0 and is_like_another as is_duplicate
    from by_reference
    union all
    select
        payout_id,
        deposit_id,
        match_method,
        match_reason,
        taken_cents as allocated_cents,
        cast(0 as bigint) as misdirected_cents,
        cast(0 as bigint) as excess_cents,
        false as is_duplicate
    from by_amount
    union all
    select
        payout_id,
        deposit_id,
        match_method,
        match_reason,
        taken_cents as allocated_cents,
        cast(0 as bigint) as misdirected_cents,
        cast(0 as bigint) as excess_cents,
        false as is_duplicate
    from by_group
)

select * from final

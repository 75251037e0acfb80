-- how much of each payout has reached the bank, what is still on its way, and what became of payouts below zero
with

payouts as (
    select * from {{ ref('int_payout_amounts') }}
),

payout_deposits as (
    select * from {{ ref('int_payout_deposits') }}
),

bank_rows as (
    select * from {{ ref('int_deposit_rows') }}
    where row_outcome <> 'rejected'
),

links as (
    select
        payout_id,
        count(*) as deposit_count,
        {{ sum_cents('allocated_cents') }} as allocated_cents,
        {{ sum_cents('misdirected_cents') }} as misdirected_cents
    from payout_deposits
    group by payout_id
),

account_exports as (
    select
        bank_account_id,
        currency_code,
        min(posted_date) as first_posted_date
    from bank_rows
    group by bank_account_id, currency_code
),

currency_exports as (
    select
        currency_code,
        min(first_posted_date) as first_posted_date
    from account_exports
    group by currency_code
),

linked as (
    select
        payouts.*,
        coalesce(links.deposit_count, 0) as deposit_count,
        coalesce(links.allocated_cents, 0) as deposited_cents,
        coalesce(links.misdirected_cents, 0) as misdirected_cents,
        payouts.due_cents - coalesce(links.allocated_cents, 0) - coalesce(links.misdirected_cents, 0) as missing_cents,
        coalesce(payouts.overdue_after_date < cast({{ as_of_timestamp() }} as date), false) as is_past_due,
        -- where no export of the account reaches back to the day, nobody can say whether the money came; where the account is not known,
        -- a reference would show it in any, and without one nothing would
        links.deposit_count is not null
        or coalesce(
            payouts.due_date >= case
                when payouts.bank_account_id is not null then account_exports.first_posted_date
                when payouts.payout_reference is not null then currency_exports.first_posted_date
            end,
            false
        ) as is_traced
    from payouts
    left join links on payouts.payout_id = links.payout_id
    left join account_exports
        on payouts.bank_account_id = account_exports.bank_account_id
        and payouts.currency_code = account_exports.currency_code
    left join currency_exports on payouts.currency_code = currency_exports.currency_code
),

-- what is carried forward is cleared by the next payout of the chain that carries nothing on
numbered as (
    select
        linked.*,
        case
            when due_cents = 0 and carry_out_cents < 0 then 'carried_forward'
            when due_cents = 0 then 'nothing_due'
            when not is_traced then 'settled'
            when deposited_cents >= due_cents then 'deposited'
            when is_past_due then 'overdue'
            else 'in_transit'
        end as payout_state,
        sum(case when carry_out_cents = 0 then 1 else 0 end) over (
            partition by platform, carry_key, currency_code
            order by payout_date nulls last, {{ binary_order('payout_id') }}
            rows unbounded preceding
        ) - case when carry_out_cents = 0 then 1 else 0 end as clearing_number
    from linked
),

clearings as (
    select
        numbered.*,
        max(case when carry_out_cents = 0 then payout_id end) over (
            partition by platform, carry_key, currency_code, clearing_number
        ) as clearing_payout_id,
        max(case when carry_out_cents = 0 then payout_state end) over (
            partition by platform, carry_key, currency_code, clearing_number
        ) as clearing_state
    from numbered
),

final as (
    select
        payout_id,
        payout_reference,
        clearing_payout_id,
        previous_payout_id,
        store_id,
        merchant_id,
        bank_account_id,

        platform,
        legal_entity,
        merchant_of_record,
        currency_code,
        payout_state,
        case
            when clearing_payout_id is null then 'carried_forward'
            when clearing_state = 'deposited' then 'deposited'
            when clearing_state in ('nothing_due', 'settled') then 'settled'
            else 'in_transit'
        end as line_settlement_state,
        statement_line_count,
        deposit_count,

        stated_cents,
        carry_in_cents,
        due_cents,
        carry_out_cents,
        summary_cents,
        cast(deposited_cents as bigint) as deposited_cents,
        cast(case when is_traced and not is_past_due then missing_cents else 0 end as bigint) as in_transit_cents,
        cast(case when is_traced and is_past_due then missing_cents else 0 end as bigint) as overdue_cents,

        is_derived,
        is_traced,
        coalesce(merchant_of_record = 'coco' and legal_entity is not null, false) as is_in_coco_books,

        pay_period_start_date,
        pay_period_end_date,
        payout_date,
        due_date,
        overdue_after_date,
        first_loaded_at
    from clearings
)

select * from final

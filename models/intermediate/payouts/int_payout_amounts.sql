-- what is due of each payout: its lines and what was carried in, where that is above zero; what is below is carried forward
{%- set text = dbt.type_string() %}
with

payout_lines as (
    select * from {{ ref('int_payout_lines') }}
    where payout_id is not null
),

summaries as (
    select * from {{ ref('int_payout_summaries') }}
),

store_payees as (
    select * from {{ ref('int_store_payees') }}
),

payee_accounts as (
    select * from {{ ref('int_payee_accounts') }}
),

matching_passes as (
    select distinct
        statement_platform,
        order_platform
    from {{ ref('matching_passes') }}
),

pay_cycles as (
    select * from {{ ref('int_pay_cycles') }}
),

bank_days as (
    select * from {{ ref('int_bank_days') }}
),

line_totals as (
    select
        payout_id,
        max(statement_platform) as platform,
        max(payout_reference) as payout_reference,
        max(currency_code) as currency_code,
        max(payout_destination) as payout_destination,
        case when min(platform) = max(platform) then max(platform) else max(statement_platform) end as pay_cycle_platform,
        case when min(store_id) = max(store_id) then max(store_id) end as store_id,
        case when min(merchant_id) = max(merchant_id) then max(merchant_id) end as merchant_id,
        count(*) as statement_line_count,
        {{ sum_cents('stated_cents') }} as stated_cents,
        max(payout_date) as payout_date,
        min(case when has_own_pay_period then pay_period_start_date end) as first_period_start_date,
        max(case when has_own_pay_period then pay_period_end_date end) as last_period_end_date,
        min(paid_loaded_at) as first_loaded_at
    from payout_lines
    group by payout_id
),

-- a summary is of what its reference pays in its own currency: where the lines of the reference are in others, of nothing stated
summed as (
    select
        summaries.*,
        case
            when in_its_currency.payout_id is not null then in_its_currency.payout_id
            when in_another_currency.payout_id is not null then summaries.payout_id || ':' || summaries.currency_code
            else summaries.payout_id
        end as summed_payout_id
    from summaries
    left join line_totals as in_its_currency
        on summaries.payout_id || ':' || summaries.currency_code = in_its_currency.payout_id
    left join line_totals as in_another_currency
        on summaries.payout_id = in_another_currency.payout_id
        and summaries.currency_code <> in_another_currency.currency_code
),

known as (
    select
        coalesce(line_totals.payout_id, summed.summed_payout_id) as payout_id,
        coalesce(line_totals.platform, summed.platform) as platform,
        coalesce(line_totals.pay_cycle_platform, summed.platform) as pay_cycle_platform,
        coalesce(line_totals.payout_reference, summed.payout_reference) as payout_reference,
        coalesce(line_totals.currency_code, summed.currency_code) as currency_code,
        line_totals.payout_destination,
        coalesce(line_totals.store_id, case when line_totals.payout_id is null then summed.store_id end) as store_id,
        coalesce(line_totals.merchant_id, case when line_totals.payout_id is null then summed.merchant_id end) as merchant_id,
        coalesce(line_totals.statement_line_count, 0) as statement_line_count,
        coalesce(line_totals.stated_cents, 0) as stated_cents,
        summed.summary_cents,
        coalesce(
            line_totals.payout_date,
            summed.payout_date,
            cast(coalesce(line_totals.first_loaded_at, summed.first_loaded_at) as date)
        ) as payout_date,
        line_totals.first_period_start_date,
        line_totals.last_period_end_date,
        coalesce(line_totals.first_loaded_at, summed.first_loaded_at) as first_loaded_at
    from line_totals
    full outer join summed on line_totals.payout_id = summed.summed_payout_id
),

-- the stores of a payout are paid into one account, or nobody can say which
payout_stores as (
    select distinct
        payout_id,
        store_id
    from payout_lines
    union
    select
        payout_id,
        store_id
    from known
    where statement_line_count = 0
),

store_accounts as (
    select
        known.payout_id,
        count(distinct payout_stores.store_id) as store_count,
        case
            when min(store_payees.bank_account_id) = max(store_payees.bank_account_id) then max(store_payees.bank_account_id)
        end as bank_account_id
    from known
    inner join payout_stores on known.payout_id = payout_stores.payout_id
    left join store_payees
        on payout_stores.store_id = store_payees.store_id
        and known.payout_date between store_payees.valid_from and store_payees.valid_to
        and known.currency_code = store_payees.currency_code
    group by known.payout_id
),

-- where no line names a store: the account that the statement names, else the only one that the platform pays into in that currency
platform_accounts as (
    select
        known.payout_id,
        max(case when payee_accounts.bank_account_id = known.payout_destination then known.payout_destination end) as named_account_id,
        case
            when min(payee_accounts.bank_account_id) = max(payee_accounts.bank_account_id) then max(payee_accounts.bank_account_id)
        end as only_account_id
    from known
    inner join matching_passes on known.platform = matching_passes.statement_platform
    inner join payee_accounts
        on matching_passes.order_platform = payee_accounts.platform
        and known.currency_code = payee_accounts.currency_code
        and known.payout_date between payee_accounts.valid_from and payee_accounts.valid_to
    where known.store_id is null
    group by known.payout_id
),

accounts as (
    select
        known.*,
        store_accounts.store_count,
        coalesce(
            store_accounts.bank_account_id,
            case
                when store_accounts.store_count = 0
                    then coalesce(platform_accounts.named_account_id, platform_accounts.only_account_id)
            end
        ) as bank_account_id
    from known
    left join store_accounts on known.payout_id = store_accounts.payout_id
    left join platform_accounts on known.payout_id = platform_accounts.payout_id
),

account_books as (
    select
        accounts.payout_id,
        max(payee_accounts.legal_entity) as legal_entity,
        case
            when min(payee_accounts.merchant_of_record) = max(payee_accounts.merchant_of_record) then max(payee_accounts.merchant_of_record)
        end as merchant_of_record
    from accounts
    inner join payee_accounts
        on accounts.bank_account_id = payee_accounts.bank_account_id
        and accounts.payout_date between payee_accounts.valid_from and payee_accounts.valid_to
    group by accounts.payout_id
    having min(payee_accounts.legal_entity) = max(payee_accounts.legal_entity)
),

periods as (
    select
        platform,
        currency_code,
        payday_date,
        min(pay_period_start_date) as pay_period_start_date,
        max(pay_period_end_date) as pay_period_end_date
    from {{ ref('int_pay_periods') }}
    group by platform, currency_code, payday_date
),

dated as (
    select
        accounts.*,
        account_books.legal_entity,
        account_books.merchant_of_record,
        pay_cycles.grace_days,
        coalesce(periods.pay_period_start_date, accounts.first_period_start_date) as pay_period_start_date,
        coalesce(periods.pay_period_end_date, accounts.last_period_end_date) as pay_period_end_date,
        due.day as due_date,
        first_days.day as window_first_date,
        last_days.day as window_last_date
    from accounts
    left join account_books on accounts.payout_id = account_books.payout_id
    left join periods
        on accounts.pay_cycle_platform = periods.platform
        and accounts.currency_code = periods.currency_code
        and accounts.payout_date = periods.payday_date
    left join pay_cycles
        on accounts.pay_cycle_platform = pay_cycles.platform
        and accounts.payout_date between pay_cycles.valid_from and pay_cycles.valid_to
    left join bank_days as paydays
        on accounts.currency_code = paydays.currency_code
        and accounts.payout_date = paydays.day
    left join bank_days as open_paydays
        on paydays.currency_code = open_paydays.currency_code
        and paydays.next_bank_date = open_paydays.day
    left join bank_days as due
        on open_paydays.currency_code = due.currency_code
        and due.is_bank_day
        and open_paydays.bank_day_number + coalesce(pay_cycles.bank_lag_days, 0) = due.bank_day_number
    left join bank_days as first_days
        on open_paydays.currency_code = first_days.currency_code
        and first_days.is_bank_day
        and open_paydays.bank_day_number - {{ deposit_bank_days_before() }} = first_days.bank_day_number
    left join bank_days as last_days
        on open_paydays.currency_code = last_days.currency_code
        and last_days.is_bank_day
        and open_paydays.bank_day_number + {{ deposit_bank_days_after() }} = last_days.bank_day_number
),

-- an account that gets one payout a day, one of them of several stores, is paid for all its stores together
account_days as (
    select
        platform,
        bank_account_id,
        currency_code,
        payout_date,
        count(*) as payout_count,
        max(store_count) as store_count
    from dated
    group by platform, bank_account_id, currency_code, payout_date
),

joint_accounts as (
    select
        platform,
        bank_account_id,
        currency_code
    from account_days
    group by platform, bank_account_id, currency_code
    having max(payout_count) = 1 and max(store_count) > 1
),

-- what is carried forward belongs to the store; where stores are paid together to their account, and one of no known store to itself
chained as (
    select
        dated.*,
        case
            when joint_accounts.bank_account_id is not null then 'account:' || joint_accounts.bank_account_id
            when dated.store_id is not null then dated.store_id
            when dated.store_count > 1 then 'account:' || coalesce(dated.bank_account_id, '')
            else 'payout:' || dated.payout_id
        end as carry_key
    from dated
    left join joint_accounts
        on dated.platform = joint_accounts.platform
        and dated.bank_account_id = joint_accounts.bank_account_id
        and dated.currency_code = joint_accounts.currency_code
),

running as (
    select
        chained.*,
        sum(stated_cents) over (
            partition by platform, carry_key, currency_code
            order by payout_date nulls last, {{ binary_order('payout_id') }}
            rows unbounded preceding
        ) as running_cents
    from chained
),

-- all that was ever due is the highest that the running sum has been
peaks as (
    select
        running.*,
        greatest(0, max(running_cents) over (
            partition by platform, carry_key, currency_code
            order by payout_date nulls last, {{ binary_order('payout_id') }}
            rows unbounded preceding
        )) as due_until_now_cents
    from running
),

carried as (
    select
        peaks.*,
        lag(payout_id) over payouts_in_order as previous_payout_id,
        coalesce(lag(running_cents) over payouts_in_order, 0) as running_before_cents,
        coalesce(lag(due_until_now_cents) over payouts_in_order, 0) as due_before_cents
    from peaks
    window payouts_in_order as (
        partition by platform, carry_key, currency_code
        order by payout_date nulls last, {{ binary_order('payout_id') }}
    )
),

final as (
    select
        payout_id,
        payout_reference,
        previous_payout_id,
        store_id,
        merchant_id,
        bank_account_id,

        platform,
        legal_entity,
        merchant_of_record,
        currency_code,
        carry_key,
        statement_line_count,

        stated_cents,
        cast(running_before_cents - due_before_cents as bigint) as carry_in_cents,
        cast(due_until_now_cents - due_before_cents as bigint) as due_cents,
        cast(running_cents - due_until_now_cents as bigint) as carry_out_cents,
        summary_cents,

        payout_reference is null as is_derived,

        pay_period_start_date,
        pay_period_end_date,
        payout_date,
        due_date,
        {{ add_days('due_date', 'coalesce(grace_days, 0)') }} as overdue_after_date,
        window_first_date,
        window_last_date,
        first_loaded_at
    from carried
)

select * from final

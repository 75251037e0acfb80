-- a deposit that no payout explains, where a store of its account has a pay period without a statement: that is the likely cause
with

deposits as (
    select * from {{ ref('int_deposits') }}
    where payout_count = 0
),

unstated_orders as (
    select * from {{ ref('int_unstated_orders') }}
    where break_class in ('statement_not_loaded', 'cancelled_unpaid') and not is_period_stated
),

orders as (
    select * from {{ ref('int_expected_amounts') }}
),

matching_passes as (
    select distinct
        statement_platform,
        order_platform
    from {{ ref('matching_passes') }}
),

statement_formats as (
    select
        platform,
        max(case when content = 'lines' and payout_reference = 'stated' then 1 else 0 end) = 1 as has_references
    from {{ ref('statement_formats') }}
    group by platform
),

store_payees as (
    select * from {{ ref('int_store_payees') }}
),

pay_periods as (
    select * from {{ ref('int_pay_periods') }}
),

unloaded_periods as (
    select distinct
        matching_passes.statement_platform as platform,
        store_payees.bank_account_id,
        pay_periods.currency_code,
        pay_periods.payday_date,
        pay_periods.last_deposit_date
    from unstated_orders
    inner join orders on unstated_orders.order_id = orders.order_id
    inner join pay_periods
        on orders.platform = pay_periods.platform
        and orders.currency_code = pay_periods.currency_code
        and orders.order_date = pay_periods.day
    inner join store_payees
        on orders.store_id = store_payees.store_id
        and pay_periods.payday_date between store_payees.valid_from and store_payees.valid_to
    inner join matching_passes on orders.platform = matching_passes.order_platform
),

-- a platform that gives references gives them to the payouts of the missing statement too
final as (
    select distinct
        deposits.deposit_id,
        'statement_not_loaded' as caused_by
    from deposits
    inner join statement_formats on deposits.platform = statement_formats.platform
    inner join unloaded_periods
        on deposits.platform = unloaded_periods.platform
        and deposits.bank_account_id = unloaded_periods.bank_account_id
        and deposits.currency_code = unloaded_periods.currency_code
        and deposits.posted_date between unloaded_periods.payday_date and unloaded_periods.last_deposit_date
    where deposits.payment_reference is not null or not statement_formats.has_references
)

select * from final

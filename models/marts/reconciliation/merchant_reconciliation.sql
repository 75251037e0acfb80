with

order_reconciliation as (
    select * from {{ ref('order_reconciliation') }}
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
    where statement_order_id is null
),

expected_charges as (
    select * from {{ ref('expected_charges') }}
),

receipt_parts as (
    select * from {{ ref('int_receipt_parts') }}
),

-- items alone on every platform: tax and tips in a card receipt are no sales
item_sales as (
    select
        order_id,
        expected_cents as sales_cents
    from expected_charges
    where charge_type = 'sales'
    union all
    select
        order_id,
        part_cents as sales_cents
    from receipt_parts
    where charge_type = 'sales'
),

sales as (
    select
        order_id,
        {{ sum_cents('sales_cents') }} as sales_cents
    from item_sales
    group by order_id
),

order_rows as (
    select
        order_reconciliation.merchant_id,
        order_reconciliation.platform,
        order_reconciliation.currency_code,
        order_reconciliation.pay_period_start_date,
        order_reconciliation.pay_period_end_date,
        case when order_reconciliation.has_order then 1 else 0 end as order_count,
        case when order_reconciliation.has_order and order_reconciliation.has_statement then 1 else 0 end as matched_order_count,
        coalesce(sales.sales_cents, 0) as sales_cents,
        coalesce(order_reconciliation.expected_cents, 0) as expected_cents,
        order_reconciliation.not_yet_stated_cents,
        coalesce(order_reconciliation.stated_cents, 0) as stated_cents,
        order_reconciliation.settled_cents,
        order_reconciliation.deposited_cents,
        order_reconciliation.variance_cents
    from order_reconciliation
    left join sales on order_reconciliation.order_id = sales.order_id
),

-- advertising, equipment and the like name no order, and are expected by nobody
account_rows as (
    select
        merchant_id,
        platform,
        currency_code,
        pay_period_start_date,
        pay_period_end_date,
        0 as order_count,
        0 as matched_order_count,
        cast(0 as bigint) as sales_cents,
        cast(0 as bigint) as expected_cents,
        cast(0 as bigint) as not_yet_stated_cents,
        stated_cents,
        case when settlement_state in ('pending', 'overdue') then 0 else stated_cents end as settled_cents,
        deposited_cents,
        stated_cents as variance_cents
    from statement_lines
),

unioned as (
    select * from order_rows
    union all
    select * from account_rows
),

final as (
    select
        {{ hashed_key([
            'merchant_id', 'platform', 'currency_code', 'cast(pay_period_start_date as ' ~ dbt.type_string() ~ ')',
        ]) }} as merchant_reconciliation_id,
        merchant_id,

        platform,
        currency_code,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(matched_order_count) as bigint) as matched_order_count,

        {{ sum_cents('sales_cents') }} as sales_cents,
        {{ sum_cents('expected_cents') }} as expected_cents,
        {{ sum_cents('not_yet_stated_cents') }} as not_yet_stated_cents,
        {{ sum_cents('stated_cents') }} as stated_cents,
        {{ sum_cents('settled_cents') }} as settled_cents,
        {{ sum_cents('deposited_cents') }} as deposited_cents,
        {{ sum_cents('variance_cents') }} as variance_cents,

        pay_period_start_date,
        max(pay_period_end_date) as pay_period_end_date
    from unioned
    group by merchant_id, platform, currency_code, pay_period_start_date
)

select * from final

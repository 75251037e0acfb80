with

orders as (
    select * from {{ ref('orders') }}
),

expected_charges as (
    select * from {{ ref('expected_charges') }}
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
    where statement_order_id is not null
),

-- currencies are never added: a line in another currency than its order stands by itself
comparable_lines as (
    select
        statement_lines.*,
        case when statement_lines.currency_code = orders.currency_code then statement_lines.order_id end as comparable_order_id
    from statement_lines
    left join orders on statement_lines.order_id = orders.order_id
),

pay_periods as (
    select * from {{ ref('int_pay_periods') }}
),

stores as (
    select * from {{ ref('stores') }}
),

awaited_orders as (
    select * from {{ ref('int_unstated_orders') }}
    where break_class is null
),

expected as (
    select
        order_id,
        coalesce({{ sum_cents('expected_cents') }}, 0) as expected_cents,
        cast(sum(case when expectation_basis = 'unknown' then 1 else 0 end) as bigint) as unknown_charge_count
    from expected_charges
    group by order_id
),

-- an order that no document is known of is told by the statement alone, by currency
stated as (
    select
        comparable_order_id as order_id,
        case when comparable_order_id is null then statement_order_id end as statement_order_id,
        max(order_id) as named_order_id,
        max(store_id) as store_id,
        max(merchant_id) as merchant_id,
        max(platform) as platform,
        max(platform_order_id) as platform_order_id,
        currency_code,
        max(match_method) as match_method,
        max(match_candidate_count) as match_candidate_count,
        min(coalesce(order_date, event_date)) as order_date,
        count(*) as statement_line_count,
        {{ sum_cents('stated_cents') }} as stated_cents,
        coalesce({{ sum_cents("case when settlement_state not in ('pending', 'overdue') then stated_cents end") }}, 0) as settled_cents,
        coalesce({{ sum_cents('deposited_cents') }}, 0) as deposited_cents,
        -- an order is as far as the line that is least far
        case
            when max(case when settlement_state = 'overdue' then 1 else 0 end) = 1 then 'overdue'
            when max(case when settlement_state = 'pending' then 1 else 0 end) = 1 then 'pending'
            when max(case when settlement_state = 'carried_forward' then 1 else 0 end) = 1 then 'carried_forward'
            when max(case when settlement_state = 'in_transit' then 1 else 0 end) = 1 then 'in_transit'
            when max(case when settlement_state = 'settled' then 1 else 0 end) = 1 then 'settled'
            else 'deposited'
        end as stated_settlement_state
    from comparable_lines
    group by comparable_order_id, case when comparable_order_id is null then statement_order_id end, currency_code
),

first_currencies as (
    select
        statement_order_id,
        min({{ binary_order('currency_code') }}) as currency_code
    from stated
    where statement_order_id is not null
    group by statement_order_id
),

joined as (
    select
        orders.order_id,
        stated.statement_order_id,
        case
            when first_currencies.currency_code is null or stated.currency_code = first_currencies.currency_code
                then 'statement:' || stated.statement_order_id
            else 'statement:' || stated.statement_order_id || ':' || coalesce(stated.currency_code, 'none')
        end as statement_name,
        coalesce(orders.store_id, stated.store_id) as store_id,
        coalesce(orders.merchant_id, stated.merchant_id) as merchant_id,
        coalesce(orders.platform, stated.platform) as platform,
        coalesce(orders.platform_order_id, stated.platform_order_id) as platform_order_id,
        coalesce(orders.currency_code, stated.currency_code) as currency_code,
        coalesce(orders.order_date, stated.order_date) as order_date,
        orders.order_status,
        stated.match_method,
        stated.match_candidate_count,
        stated.named_order_id is not null as has_named_order,
        coalesce(stated.statement_line_count, 0) as statement_line_count,
        stated.stated_settlement_state,
        coalesce(expected.unknown_charge_count, 0) as unknown_charge_count,
        expected.expected_cents,
        stated.stated_cents,
        coalesce(stated.settled_cents, 0) as settled_cents,
        coalesce(stated.deposited_cents, 0) as deposited_cents,
        orders.order_id is not null as has_order,
        stated.statement_line_count is not null as has_statement
    from orders
    full outer join stated on orders.order_id = stated.order_id
    left join first_currencies on stated.statement_order_id = first_currencies.statement_order_id
    left join expected on orders.order_id = expected.order_id
),

settled as (
    select
        joined.*,
        case
            when joined.has_statement then joined.stated_settlement_state
            when coalesce(joined.expected_cents, 0) = 0 and joined.unknown_charge_count = 0 then 'nothing_due'
            when pay_periods.overdue_after_date < cast({{ as_of_timestamp() }} as date) then 'overdue'
            else 'pending'
        end as settlement_state,
        pay_periods.pay_period_start_date,
        pay_periods.pay_period_end_date,
        pay_periods.due_date
    from joined
    left join stores on joined.store_id = stores.store_id
    -- the platform pays the store: what the document names changes no holiday
    left join pay_periods
        on joined.platform = pay_periods.platform
        and coalesce(stores.currency_code, joined.currency_code) = pay_periods.currency_code
        and joined.order_date = pay_periods.day
),

-- what no statement has to hold yet is no variance
awaited as (
    select
        settled.*,
        coalesce(awaited_orders.expected_cents, 0) as not_yet_stated_cents
    from settled
    left join awaited_orders on settled.order_id = awaited_orders.order_id
),

final as (
    select
        coalesce(awaited.order_id, awaited.statement_name) as reconciliation_id,
        awaited.order_id,
        awaited.statement_order_id,
        awaited.store_id,
        awaited.merchant_id,

        awaited.platform,
        awaited.platform_order_id,
        awaited.currency_code,
        awaited.order_status,
        case when awaited.has_statement then awaited.match_method else 'none' end as match_method,
        case
            when awaited.has_order and awaited.has_statement then 'order and statement agree on ' || awaited.match_method
            when awaited.has_order then 'no statement line names this order'
            when awaited.has_named_order
                then 'the statement is in another currency than the order it names, or that of the order is not known'
            when awaited.match_method = 'ambiguous'
                then
                    'the statement names an order that '
                    || cast(awaited.match_candidate_count as {{ dbt.type_string() }})
                    || ' orders could be'
            else 'no order has the reference that the statement names'
        end as match_reason,
        awaited.settlement_state,
        awaited.statement_line_count,
        awaited.unknown_charge_count,

        awaited.expected_cents,
        awaited.stated_cents,
        awaited.settled_cents,
        awaited.deposited_cents,
        awaited.not_yet_stated_cents,
        coalesce(awaited.stated_cents, 0) + awaited.not_yet_stated_cents - coalesce(awaited.expected_cents, 0) as variance_cents,

        awaited.has_order,
        awaited.has_statement,

        awaited.order_date,
        awaited.pay_period_start_date,
        awaited.pay_period_end_date,
        awaited.due_date
    from awaited
)

select * from final

-- Law 4, identity I2. Stated is settled (in a payout, wherever its money is), pending and overdue, by platform and currency, on the
-- lines and as orders and merchants show it; every settled cent is in a payout; deposited lines are what deposited payouts came to.
with

lines as (
    select
        statement_platform,
        currency_code,
        sum(stated_cents) as stated_cents,
        sum(case
            when settlement_state in ('settled', 'in_transit', 'deposited', 'carried_forward') then stated_cents
            else 0
        end) as settled_cents,
        sum(case when settlement_state = 'pending' then stated_cents else 0 end) as pending_cents,
        sum(case when settlement_state = 'overdue' then stated_cents else 0 end) as overdue_cents,
        sum(deposited_cents) as deposited_cents
    from {{ ref('statement_lines') }}
    group by statement_platform, currency_code
),

payouts as (
    select
        platform,
        currency_code,
        sum(stated_cents) as paid_cents,
        sum(case when payout_state = 'deposited' then due_cents else 0 end) as deposited_due_cents
    from {{ ref('payouts') }}
    group by platform, currency_code
),

by_platform as (
    select
        'platform and currency' as compared,
        lines.statement_platform || ' ' || coalesce(lines.currency_code, '') as of_what,
        lines.stated_cents,
        lines.settled_cents,
        coalesce(payouts.paid_cents, 0) as paid_cents,
        lines.deposited_cents,
        coalesce(payouts.deposited_due_cents, 0) as deposited_due_cents
    from lines
    left join payouts
        on lines.statement_platform = payouts.platform
        and coalesce(lines.currency_code, '') = coalesce(payouts.currency_code, '')
    where
        lines.stated_cents <> lines.settled_cents + lines.pending_cents + lines.overdue_cents
        or lines.settled_cents <> coalesce(payouts.paid_cents, 0)
        or lines.deposited_cents <> coalesce(payouts.deposited_due_cents, 0)
),

order_lines as (
    select
        platform,
        currency_code,
        sum(case
            when settlement_state in ('settled', 'in_transit', 'deposited', 'carried_forward') then stated_cents
            else 0
        end) as settled_cents,
        sum(deposited_cents) as deposited_cents,
        sum(case when statement_order_id is null then 0 else stated_cents end) as stated_of_orders_cents,
        sum(case
            when statement_order_id is not null and settlement_state in ('settled', 'in_transit', 'deposited', 'carried_forward')
                then stated_cents
            else 0
        end) as settled_of_orders_cents,
        sum(case when statement_order_id is null then 0 else deposited_cents end) as deposited_of_orders_cents
    from {{ ref('statement_lines') }}
    group by platform, currency_code
),

orders as (
    select
        platform,
        currency_code,
        sum(settled_cents) as settled_cents,
        sum(deposited_cents) as deposited_cents
    from {{ ref('order_reconciliation') }}
    group by platform, currency_code
),

merchants as (
    select
        platform,
        currency_code,
        sum(settled_cents) as settled_cents,
        sum(deposited_cents) as deposited_cents
    from {{ ref('merchant_reconciliation') }}
    group by platform, currency_code
),

by_mart as (
    select
        'orders and merchants' as compared,
        order_lines.platform || ' ' || coalesce(order_lines.currency_code, '') as of_what,
        order_lines.stated_of_orders_cents as stated_cents,
        order_lines.settled_cents,
        merchants.settled_cents as paid_cents,
        order_lines.deposited_cents,
        merchants.deposited_cents as deposited_due_cents
    from order_lines
    left join orders
        on order_lines.platform = orders.platform
        and coalesce(order_lines.currency_code, '') = coalesce(orders.currency_code, '')
    left join merchants
        on order_lines.platform = merchants.platform
        and coalesce(order_lines.currency_code, '') = coalesce(merchants.currency_code, '')
    where
        order_lines.settled_of_orders_cents <> coalesce(orders.settled_cents, 0)
        or order_lines.deposited_of_orders_cents <> coalesce(orders.deposited_cents, 0)
        or order_lines.settled_cents <> coalesce(merchants.settled_cents, 0)
        or order_lines.deposited_cents <> coalesce(merchants.deposited_cents, 0)
),

final as (
    select * from by_platform
    union all
    select * from by_mart
)

select * from final

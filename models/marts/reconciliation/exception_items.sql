{%- set text = dbt.type_string() -%}
with

reviewed_classes as (
    select * from {{ ref('break_classes') }}
    where handling = 'review'
),

won_back_lines as (
    select * from {{ ref('int_won_back_lines') }}
),

reconciliation_claims as (
    select * from {{ ref('reconciliation_claims') }}
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
),

line_classes as (
    select * from {{ ref('int_line_classes') }}
),

line_settlements as (
    select * from {{ ref('int_line_settlements') }}
),

line_books as (
    select * from {{ ref('int_line_books') }}
    where stated_cents <> 0
),

all_deposit_breaks as (
    select * from {{ ref('deposit_breaks') }}
),

payouts as (
    select * from {{ ref('payouts') }}
),

orders as (
    select * from {{ ref('orders') }}
),

pay_periods as (
    select * from {{ ref('int_pay_periods') }}
),

stores as (
    select * from {{ ref('stores') }}
),

store_payees as (
    select * from {{ ref('int_store_payees') }}
),

deposit_breaks as (
    select all_deposit_breaks.*
    from all_deposit_breaks
    inner join reviewed_classes on all_deposit_breaks.break_class = reviewed_classes.break_class
),

sale_line_ids as (
    select distinct
        order_id,
        statement_line_id
    from line_classes
    where is_sale
),

-- the line that carries the claims on the parts of an order's sale: its last, on whose day the journal books them
sale_lines as (
    select
        sale_line_ids.order_id,
        sale_line_ids.statement_line_id,
        row_number() over (
            partition by sale_line_ids.order_id
            order by statement_lines.posting_date desc nulls last, {{ binary_order('sale_line_ids.statement_line_id') }} desc
        ) as line_rank
    from sale_line_ids
    inner join statement_lines on sale_line_ids.statement_line_id = statement_lines.statement_line_id
),

-- what was won back lowers the exception on what had been taken
claims as (
    select
        reconciliation_claims.*,
        reviewed_classes.break_class as exception_class,
        won_back_lines.statement_line_id is not null as is_won_back
    from reconciliation_claims
    left join won_back_lines
        on reconciliation_claims.statement_line_id = won_back_lines.statement_line_id
        and reconciliation_claims.break_class = 'won_back'
    inner join reviewed_classes
        on coalesce(won_back_lines.reversed_class, reconciliation_claims.break_class) = reviewed_classes.break_class
),

carried as (
    select
        claims.*,
        coalesce(claims.statement_line_id, sale_lines.statement_line_id) as carrying_line_id
    from claims
    left join sale_lines
        on claims.order_id = sale_lines.order_id
        and sale_lines.line_rank = 1
        and claims.claim_level = 'component'
),

claim_items as (
    select
        carried.claim_id as exception_item_id,
        case when carried.order_id is null then 'statement_line' else 'order' end as subject_type,
        coalesce(carried.order_id, carried.statement_line_id) as subject_id,
        carried.order_id,
        carried.carrying_line_id as statement_line_id,
        statement_lines.payout_id,
        cast(null as {{ text }}) as deposit_id,
        carried.store_id,
        case
            when carried.store_id = orders.store_id then orders.merchant_id
            when carried.store_id = statement_lines.store_id then statement_lines.merchant_id
            else coalesce(orders.merchant_id, statement_lines.merchant_id)
        end as merchant_id,
        carried.platform,
        cast(null as {{ text }}) as legal_entity,
        carried.currency_code,
        carried.exception_class as break_class,
        carried.claim_level,
        carried.charge_type,
        carried.claimed_cents as item_cents,
        carried.is_won_back,
        case
            when carried.carrying_line_id is not null then statement_lines.posting_date
            when carried.break_class in ('missing_in_statement', 'statement_not_loaded', 'cancelled_unpaid')
                then {{ add_days('pay_periods.overdue_after_date', '1') }}
            else orders.order_date
        end as posting_date,
        greatest(
            cast(statement_lines.first_loaded_at as date),
            case when carried.claim_level <> 'line' then cast(orders.first_received_at as date) end,
            case
                when carried.break_class in ('missing_in_statement', 'statement_not_loaded', 'cancelled_unpaid')
                    then {{ add_days('pay_periods.overdue_after_date', '1') }}
            end
        ) as first_seen_date,
        coalesce(statement_lines.due_date, pay_periods.due_date) as pay_cycle_due_date,
        statement_lines.payout_date
    from carried
    left join statement_lines on carried.carrying_line_id = statement_lines.statement_line_id
    left join orders on carried.order_id = orders.order_id
    left join stores on orders.store_id = stores.store_id
    left join pay_periods
        on orders.platform = pay_periods.platform
        and coalesce(stores.currency_code, orders.currency_code) = pay_periods.currency_code
        and orders.order_date = pay_periods.day
),

overdue_lines as (
    select *
    from statement_lines
    where settlement_state = 'overdue' and payout_id is null
),

overdue_periods as (
    select distinct
        store_id,
        pay_period_start_date,
        currency_code
    from overdue_lines
),

named_books as (
    select
        *,
        coalesce(merchant_id, '') || ':' || coalesce(legal_entity, '') || ':' || coalesce(platform, '')
        || case when is_in_coco_books then '' else ':merchant' end as books
    from line_books
),

-- a line that is paid counts for the books of its pay period, too: a payment must not give other lines another exception
periods_in_several_books as (
    select
        overdue_periods.store_id,
        overdue_periods.pay_period_start_date,
        overdue_periods.currency_code
    from overdue_periods
    inner join statement_lines
        on overdue_periods.store_id = statement_lines.store_id
        and overdue_periods.pay_period_start_date = statement_lines.pay_period_start_date
        and overdue_periods.currency_code = statement_lines.currency_code
    inner join named_books on statement_lines.statement_line_id = named_books.statement_line_id
    group by overdue_periods.store_id, overdue_periods.pay_period_start_date, overdue_periods.currency_code
    having count(distinct named_books.books) > 1
),

-- lines that are stated, overdue and in no payout: what is owed for them, by pay period, and by books where those are several;
-- by itself where nobody has mapped its store
overdue_items as (
    select
        {{ hashed_key(["'overdue'", 'overdue_lines.statement_line_id']) }} as exception_item_id,
        case when overdue_lines.store_id is null then 'statement_line' else 'pay_period' end as subject_type,
        coalesce(
            overdue_lines.store_id || ':' || cast(overdue_lines.pay_period_start_date as {{ text }})
            || case when periods_in_several_books.store_id is not null then ':' || named_books.books else '' end,
            overdue_lines.statement_line_id
        ) as subject_id,
        overdue_lines.order_id,
        overdue_lines.statement_line_id,
        cast(null as {{ text }}) as payout_id,
        cast(null as {{ text }}) as deposit_id,
        overdue_lines.store_id,
        named_books.merchant_id,
        named_books.platform,
        named_books.legal_entity,
        overdue_lines.currency_code,
        'overdue' as break_class,
        cast(null as {{ text }}) as claim_level,
        cast(null as {{ text }}) as charge_type,
        -overdue_lines.stated_cents as item_cents,
        false as is_won_back,
        {{ add_days('line_settlements.overdue_after_date', '1') }} as posting_date,
        greatest(
            {{ add_days('line_settlements.overdue_after_date', '1') }}, cast(overdue_lines.first_loaded_at as date)
        ) as first_seen_date,
        overdue_lines.due_date as pay_cycle_due_date,
        cast(null as date) as payout_date
    from overdue_lines
    inner join line_settlements on overdue_lines.statement_line_id = line_settlements.statement_line_id
    inner join named_books on overdue_lines.statement_line_id = named_books.statement_line_id
    left join periods_in_several_books
        on overdue_lines.store_id = periods_in_several_books.store_id
        and overdue_lines.pay_period_start_date = periods_in_several_books.pay_period_start_date
        and overdue_lines.currency_code = periods_in_several_books.currency_code
),

-- what its own account has too little or too much is an exception on the payout, what another account has of it one on the deposit
deposit_items as (
    select
        deposit_breaks.deposit_break_id as exception_item_id,
        case when own_payouts.payout_id is not null then 'payout' else 'deposit' end as subject_type,
        coalesce(own_payouts.payout_id, deposit_breaks.deposit_id) as subject_id,
        cast(null as {{ text }}) as order_id,
        cast(null as {{ text }}) as statement_line_id,
        deposit_breaks.payout_id,
        deposit_breaks.deposit_id,
        deposit_breaks.store_id,
        deposit_breaks.merchant_id,
        deposit_breaks.platform,
        deposit_breaks.legal_entity,
        deposit_breaks.currency_code,
        deposit_breaks.break_class,
        cast(null as {{ text }}) as claim_level,
        cast(null as {{ text }}) as charge_type,
        deposit_breaks.break_cents as item_cents,
        false as is_won_back,
        deposit_breaks.break_date as posting_date,
        cast(deposit_breaks.first_seen_at as date) as first_seen_date,
        payouts.due_date as pay_cycle_due_date,
        payouts.payout_date
    from deposit_breaks
    left join payouts on deposit_breaks.payout_id = payouts.payout_id
    left join payouts as own_payouts
        on deposit_breaks.payout_id = own_payouts.payout_id
        and (own_payouts.bank_account_id is null or deposit_breaks.bank_account_id = own_payouts.bank_account_id)
),

unioned as (
    select * from claim_items
    union all
    select * from overdue_items
    union all
    select * from deposit_items
),

-- the books of the day on which it counts; of an overdue line those that it is booked in, where its write-off has to clear it
final as (
    select
        unioned.exception_item_id,
        {{ hashed_key([
            'unioned.subject_type', 'unioned.subject_id', 'unioned.break_class', 'unioned.store_id', 'unioned.currency_code',
        ]) }} as exception_id,
        unioned.subject_id,
        unioned.order_id,
        unioned.statement_line_id,
        unioned.payout_id,
        unioned.deposit_id,
        unioned.store_id,
        case
            when unioned.break_class = 'overdue' then unioned.merchant_id
            else coalesce(unioned.merchant_id, stores.merchant_id)
        end as merchant_id,

        unioned.platform,
        case
            when unioned.break_class = 'overdue' then unioned.legal_entity
            else coalesce(unioned.legal_entity, store_payees.legal_entity)
        end as legal_entity,
        unioned.currency_code,
        unioned.subject_type,
        unioned.break_class,
        unioned.claim_level,
        unioned.charge_type,

        unioned.item_cents,

        unioned.is_won_back,

        unioned.posting_date,
        unioned.first_seen_date,
        coalesce(unioned.pay_cycle_due_date, unioned.posting_date) as due_date,
        unioned.payout_date
    from unioned
    left join stores on unioned.store_id = stores.store_id
    left join store_payees
        on unioned.store_id = store_payees.store_id
        and unioned.posting_date between store_payees.valid_from and store_payees.valid_to
)

select * from final

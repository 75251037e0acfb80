{%- set text = dbt.type_string() -%}
with

line_classes as (
    select * from {{ ref('int_line_classes') }}
),

line_level as (
    select * from {{ ref('int_line_claims') }}
),

component_claims as (
    select * from {{ ref('int_component_claims') }}
),

unstated_orders as (
    select * from {{ ref('int_unstated_orders') }}
    where break_class is not null
),

expected_charges as (
    select * from {{ ref('expected_charges') }}
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
),

orders as (
    select * from {{ ref('orders') }}
),

-- what departs in a sale is known once its last line is there
sale_dates as (
    select
        line_classes.order_id,
        max(statement_lines.posting_date) as posting_date
    from line_classes
    inner join statement_lines on line_classes.statement_line_id = statement_lines.statement_line_id
    where line_classes.is_sale
    group by line_classes.order_id
),

line_claims as (
    select
        'line' as claim_level,
        line_level.statement_line_id,
        line_level.order_id,
        line_level.charge_type,
        line_level.break_class,
        cast(null as {{ text }}) as caused_by,
        statement_lines.store_id,
        statement_lines.merchant_id,
        statement_lines.currency_code,
        line_level.claimed_cents,
        statement_lines.posting_date as claim_date
    from line_level
    inner join statement_lines on line_level.statement_line_id = statement_lines.statement_line_id
),

-- a sale that is stated under another store than its order's: nothing in sum, one store has what the other lacks
misplaced as (
    select
        line_classes.statement_line_id,
        line_classes.order_id,
        line_classes.charge_type,
        statement_lines.store_id as stated_store_id,
        statement_lines.merchant_id as stated_merchant_id,
        orders.store_id as order_store_id,
        orders.merchant_id as order_merchant_id,
        statement_lines.currency_code,
        line_classes.stated_cents,
        statement_lines.posting_date
    from line_classes
    inner join statement_lines on line_classes.statement_line_id = statement_lines.statement_line_id
    inner join orders on line_classes.order_id = orders.order_id
    where line_classes.is_sale and statement_lines.store_id <> orders.store_id
),

store_claims as (
    select
        'store' as claim_level,
        statement_line_id,
        order_id,
        charge_type,
        'wrong_store' as break_class,
        cast(null as {{ text }}) as caused_by,
        stated_store_id as store_id,
        stated_merchant_id as merchant_id,
        currency_code,
        stated_cents as claimed_cents,
        posting_date as claim_date
    from misplaced
    union all
    select
        'store' as claim_level,
        statement_line_id,
        order_id,
        charge_type,
        'wrong_store' as break_class,
        cast(null as {{ text }}) as caused_by,
        order_store_id as store_id,
        order_merchant_id as merchant_id,
        currency_code,
        -stated_cents as claimed_cents,
        posting_date as claim_date
    from misplaced
),

component_level as (
    select
        'component' as claim_level,
        cast(null as {{ text }}) as statement_line_id,
        component_claims.order_id,
        component_claims.charge_type,
        component_claims.break_class,
        component_claims.caused_by,
        orders.store_id,
        orders.merchant_id,
        orders.currency_code,
        component_claims.claimed_cents,
        sale_dates.posting_date as claim_date
    from component_claims
    inner join orders on component_claims.order_id = orders.order_id
    left join sale_dates on component_claims.order_id = sale_dates.order_id
),

order_level as (
    select
        'order' as claim_level,
        cast(null as {{ text }}) as statement_line_id,
        expected_charges.order_id,
        expected_charges.charge_type,
        unstated_orders.break_class,
        case
            when unstated_orders.break_class = 'cancelled_unpaid' and not unstated_orders.is_period_stated then 'statement_not_loaded'
        end as caused_by,
        expected_charges.store_id,
        expected_charges.merchant_id,
        expected_charges.currency_code,
        -expected_charges.expected_cents as claimed_cents,
        expected_charges.order_date as claim_date
    from unstated_orders
    inner join expected_charges on unstated_orders.order_id = expected_charges.order_id
),

unioned as (
    select * from line_claims
    union all
    select * from store_claims
    union all
    select * from component_level
    union all
    select * from order_level
),

-- what an order lacks is the same claim before and after its statement is loaded: the cause is no part of its key
final as (
    select
        {{ hashed_key([
            'unioned.claim_level', 'unioned.statement_line_id', 'unioned.order_id', 'unioned.charge_type', 'unioned.break_class',
            "case when unioned.claim_level <> 'order' then unioned.caused_by end", 'unioned.store_id',
        ]) }} as claim_id,
        unioned.order_id,
        unioned.statement_line_id,
        unioned.store_id,
        unioned.merchant_id,

        coalesce(orders.platform, statement_lines.platform) as platform,
        unioned.claim_level,
        unioned.charge_type,
        unioned.break_class,
        unioned.caused_by,
        unioned.currency_code,

        unioned.claimed_cents,

        unioned.claim_date
    from unioned
    left join orders on unioned.order_id = orders.order_id
    left join statement_lines on unioned.statement_line_id = statement_lines.statement_line_id
    where unioned.claimed_cents <> 0
)

select * from final

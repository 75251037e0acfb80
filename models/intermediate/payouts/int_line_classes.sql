-- what each charge of a line is to its order: part of the sale (no class), or a class of its own that takes the whole line
with

lines as (
    select * from {{ ref('int_statement_lines') }}
),

charges as (
    select * from {{ ref('int_statement_charges') }}
),

orders as (
    select * from {{ ref('int_expected_amounts') }}
),

line_break_classes as (
    select * from {{ ref('line_break_classes') }}
),

compared as (
    select
        lines.statement_line_id,
        lines.order_id,
        lines.statement_order_id,
        lines.store_id,
        lines.platform,
        lines.statement_platform,
        lines.line_type,
        lines.description,
        lines.platform_transaction_id,
        lines.net_cents,
        lines.match_method,
        lines.event_date,
        orders.payment_rule,
        lines.line_type in ('sale', 'cancellation') as is_sale_line,
        coalesce(lines.currency_code <> orders.currency_code, false) as is_other_currency
    from lines
    left join orders on lines.order_id = orders.order_id
),

-- a reversal takes back the sale of its amount
sales as (
    select
        compared.*,
        row_number() over (
            partition by order_id, abs(net_cents), net_cents > 0
            order by event_date, {{ binary_order('platform_transaction_id') }}, statement_line_id
        ) as place_among_equals
    from compared
    where order_id is not null and is_sale_line and not is_other_currency and net_cents <> 0
),

standing_sales as (
    select
        sales.statement_line_id,
        row_number() over (
            partition by sales.order_id
            order by sales.event_date, {{ binary_order('sales.platform_transaction_id') }}, sales.statement_line_id
        ) as place
    from sales
    left join sales as reversals
        on sales.order_id = reversals.order_id
        and reversals.net_cents = -sales.net_cents
        and sales.place_among_equals = reversals.place_among_equals
    where sales.net_cents > 0 and reversals.order_id is null
),

-- sales less reversals of one order come to one: what exceeds it is a duplicate
excess_sales as (
    select statement_line_id
    from standing_sales
    where place > 1
),

classed as (
    select
        compared.*,
        charges.charge_type,
        charges.stated_cents,
        case
            when compared.is_other_currency then 'currency_mismatch'
            when compared.match_method = 'ambiguous' then 'ambiguous'
            when excess_sales.statement_line_id is not null then 'duplicate'
            when compared.statement_order_id is not null and compared.order_id is null then 'missing_in_orders'
            when compared.is_sale_line and compared.payment_rule = 'unpaid' then 'cancelled_paid'
            when compared.is_sale_line and compared.order_id is not null then 'sale'
            when compared.line_type = 'error_charge' and compared.net_cents > 0 then 'won_back'
        end as early_class
    from compared
    inner join charges on compared.statement_line_id = charges.statement_line_id
    left join excess_sales on compared.statement_line_id = excess_sales.statement_line_id
),

-- the rule that says most about the line wins
by_rule as (
    select
        classed.statement_line_id,
        classed.charge_type,
        line_break_classes.break_class,
        row_number() over (
            partition by classed.statement_line_id, classed.charge_type
            order by
                case when line_break_classes.charge_type is not null then 0 else 1 end,
                case when line_break_classes.description_pattern is not null then 0 else 1 end,
                case when line_break_classes.statement_platform is not null then 0 else 1 end
        ) as preference
    from classed
    inner join line_break_classes
        on classed.line_type = line_break_classes.line_type
        and (line_break_classes.statement_platform is null or classed.statement_platform = line_break_classes.statement_platform)
        and (line_break_classes.description_pattern is null or classed.description like line_break_classes.description_pattern)
        and (line_break_classes.charge_type is null or classed.charge_type = line_break_classes.charge_type)
    where classed.early_class is null
),

final as (
    select
        classed.statement_line_id,
        classed.charge_type,
        classed.order_id,
        classed.statement_order_id,
        classed.store_id,

        case when classed.early_class = 'sale' then null else coalesce(classed.early_class, by_rule.break_class, 'unexplained') end as break_class,

        classed.stated_cents,

        coalesce(classed.early_class = 'sale', false) as is_sale
    from classed
    left join by_rule
        on classed.statement_line_id = by_rule.statement_line_id
        and classed.charge_type = by_rule.charge_type
        and by_rule.preference = 1
)

select * from final

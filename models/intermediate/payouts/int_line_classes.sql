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

gross as (
    select
        statement_line_id,
        {{ sum_cents('stated_cents') }} as gross_cents
    from charges
    where charge_type in ('sales', 'receipts')
    group by statement_line_id
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
        -- an order of a store that nobody has mapped may be in any currency
        orders.order_id is not null and coalesce(lines.currency_code <> orders.currency_code, true) as is_other_currency
    from lines
    left join orders on lines.order_id = orders.order_id
),

-- a sale whose discount leaves less than its fees nets below zero: its gross tells it from a reversal; a line without a gross, such as a
-- tip of its own, is neither
sales as (
    select
        compared.*,
        sign(coalesce(gross.gross_cents, 0)) as direction,
        row_number() over (
            partition by
                compared.order_id,
                abs(compared.net_cents),
                sign(coalesce(gross.gross_cents, 0))
            order by
                compared.event_date nulls last,
                {{ binary_order('compared.platform_transaction_id') }} nulls last,
                compared.statement_line_id
        ) as place_among_equals
    from compared
    left join gross on compared.statement_line_id = gross.statement_line_id
    where compared.order_id is not null and compared.is_sale_line and not compared.is_other_currency
),

-- a reversal takes back the sale of its amount
paired as (
    select
        sales.*,
        others.order_id is not null as has_counterpart
    from sales
    left join sales as others
        on sales.order_id = others.order_id
        and others.net_cents = -sales.net_cents
        and others.direction = -sales.direction
        and sales.place_among_equals = others.place_among_equals
),

-- of another amount it takes back a sale all the same
taken_back as (
    select
        order_id,
        count(*) as reversal_count
    from paired
    where direction < 0 and not has_counterpart
    group by order_id
),

standing_sales as (
    select
        statement_line_id,
        order_id,
        row_number() over (
            partition by order_id
            order by event_date nulls last, {{ binary_order('platform_transaction_id') }} nulls last, statement_line_id
        ) as place
    from paired
    where direction > 0 and not has_counterpart
),

-- sales less reversals of one order come to one: what exceeds it is a duplicate
excess_sales as (
    select standing_sales.statement_line_id
    from standing_sales
    left join taken_back on standing_sales.order_id = taken_back.order_id
    where standing_sales.place > 1 + coalesce(taken_back.reversal_count, 0)
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

-- the rule that says most about the line wins, of several descriptions the longest pattern
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
                length(line_break_classes.description_pattern) desc,
                case when line_break_classes.statement_platform is not null then 0 else 1 end,
                {{ binary_order('line_break_classes.description_pattern') }}
        ) as preference
    from classed
    inner join line_break_classes
        on classed.line_type = line_break_classes.line_type
        and (line_break_classes.statement_platform is null or classed.statement_platform = line_break_classes.statement_platform)
        and (line_break_classes.description_pattern is null or classed.description like line_break_classes.description_pattern)
        and (line_break_classes.charge_type is null or classed.charge_type = line_break_classes.charge_type)
    where classed.early_class is null
),

judged as (
    select
        classed.statement_line_id,
        classed.charge_type,
        classed.order_id,
        classed.statement_order_id,
        classed.store_id,
        classed.payment_rule,
        case
            when classed.early_class = 'sale' then null
            else coalesce(classed.early_class, by_rule.break_class, 'unexplained')
        end as break_class,
        classed.stated_cents,
        coalesce(classed.early_class = 'sale', false) as is_sale
    from classed
    left join by_rule
        on classed.statement_line_id = by_rule.statement_line_id
        and classed.charge_type = by_rule.charge_type
        and by_rule.preference = 1
),

-- what a platform pays for an order that should bring nothing it takes back by refunds and error charges, too
taken_back_orders as (
    select order_id
    from judged
    where payment_rule = 'unpaid'
    group by order_id
    having
        sum(case when break_class = 'cancelled_paid' and stated_cents > 0 then stated_cents else 0 end)
        >= -sum(case when break_class in ('refund', 'error_charge') then stated_cents else 0 end)
),

final as (
    select
        judged.statement_line_id,
        judged.charge_type,
        judged.order_id,
        judged.statement_order_id,
        judged.store_id,

        case
            when judged.break_class in ('refund', 'error_charge') and taken_back_orders.order_id is not null then 'cancelled_paid'
            else judged.break_class
        end as break_class,

        judged.stated_cents,

        judged.is_sale
    from judged
    left join taken_back_orders on judged.order_id = taken_back_orders.order_id
)

select * from final

-- orders whose earning is taken back: a sale that is booked by its line states them, and cannot be set beside them
with

unstated_orders as (
    select * from {{ ref('int_unstated_orders') }}
    where break_class in ('currency_mismatch', 'ambiguous')
),

line_classes as (
    select * from {{ ref('int_line_classes') }}
    where break_class in ('currency_mismatch', 'ambiguous')
),

match_candidates as (
    select * from {{ ref('int_order_match_candidates') }}
),

sale_lines as (
    select statement_line_id from {{ ref('int_statement_lines') }}
    where line_type in ('sale', 'cancellation')
),

line_books as (
    select * from {{ ref('int_line_books') }}
    where is_in_coco_books
),

-- of a line in another currency the order is known; a line that fits several is of any of them
stating as (
    select
        order_id,
        statement_line_id
    from line_classes
    where break_class = 'currency_mismatch'
    union
    select
        match_candidates.order_id,
        line_classes.statement_line_id
    from line_classes
    inner join match_candidates on line_classes.statement_order_id = match_candidates.statement_order_id
    where line_classes.break_class = 'ambiguous'
),

first_lines as (
    select
        stating.order_id,
        min(line_books.posting_date) as posting_date
    from stating
    inner join sale_lines on stating.statement_line_id = sale_lines.statement_line_id
    inner join line_books on stating.statement_line_id = line_books.statement_line_id
    group by stating.order_id
),

final as (
    select
        unstated_orders.order_id,

        unstated_orders.break_class,

        first_lines.posting_date
    from unstated_orders
    inner join first_lines on unstated_orders.order_id = first_lines.order_id
)

select * from final

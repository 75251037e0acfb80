-- Law 5. Of an exception on overdue lines that was written off whole nothing is left in any books: what each legal entity, merchant and
-- platform holds of its lines, which are in no payout, is what was written off there.
with

exception_items as (
    select * from {{ ref('exception_items') }}
    where break_class = 'overdue'
),

line_books as (
    select * from {{ ref('int_line_books') }}
    where is_in_coco_books
),

written_off_whole as (
    select * from {{ ref('reconciliation_exceptions') }}
    where break_class = 'overdue' and status = 'written_off' and resolved_cents = 0
),

movements as (
    select
        exception_items.exception_id,
        line_books.legal_entity,
        line_books.merchant_id,
        line_books.platform,
        line_books.stated_cents as open_cents
    from exception_items
    inner join line_books on exception_items.statement_line_id = line_books.statement_line_id
    union all
    select
        exception_id,
        legal_entity,
        merchant_id,
        platform,
        posted_cents as open_cents
    from {{ ref('int_write_offs') }}
    where is_in_coco_books and posting_role = 'clearing'
),

final as (
    select
        movements.exception_id,
        movements.legal_entity,
        movements.merchant_id,
        movements.platform,
        sum(movements.open_cents) as left_cents
    from movements
    inner join written_off_whole on movements.exception_id = written_off_whole.exception_id
    group by movements.exception_id, movements.legal_entity, movements.merchant_id, movements.platform
    having sum(movements.open_cents) <> 0
)

select * from final

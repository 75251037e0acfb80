-- what writing an exception off takes from the account that it is open on; what a statement line carries is booked, and open on none
with

resolutions as (
    select * from {{ ref('int_exception_resolutions') }}
    where written_off_cents <> 0
),

order_books as (
    select * from {{ ref('int_order_books') }}
),

line_books as (
    select * from {{ ref('int_line_books') }}
),

order_reversals as (
    select * from {{ ref('int_order_reversals') }}
),

legal_entities as (
    select * from {{ ref('legal_entities') }}
    where recorded_on <= cast({{ as_of_timestamp() }} as date)
),

-- an exception on an order without a line is on what no statement holds, unless what it earned is taken back; an overdue one, on what
-- no payout holds
placed as (
    select
        resolutions.*,
        case
            when order_reversals.order_id is not null then null
            when resolutions.subject_type = 'order' and resolutions.statement_line_id is null then 'clearing'
            when resolutions.break_class = 'overdue' then 'clearing'
            when resolutions.subject_type in ('payout', 'deposit') then 'transit'
        end as posting_role
    from resolutions
    left join order_reversals
        on resolutions.order_id = order_reversals.order_id
        and resolutions.break_class = order_reversals.break_class
),

-- an order and a line are in the books of today: those of the day of the resolution can have been mended since
in_books as (
    select
        placed.resolution_id,
        case
            when placed.subject_type = 'order' then order_books.merchant_id
            when line_books.statement_line_id is not null then line_books.merchant_id
            else placed.merchant_id
        end as merchant_id,
        case
            when placed.subject_type = 'order' then order_books.legal_entity
            when line_books.statement_line_id is not null then line_books.legal_entity
            else placed.legal_entity
        end as legal_entity,
        case
            when placed.subject_type = 'order' then order_books.platform
            when line_books.statement_line_id is not null then line_books.platform
            else placed.platform
        end as platform,
        case
            when placed.subject_type = 'order' then coalesce(order_books.is_in_coco_books, false)
            when line_books.statement_line_id is not null then line_books.is_in_coco_books
            else legal_entities.legal_entity is not null
        end as is_in_coco_books
    from placed
    left join order_books on placed.order_id = order_books.order_id
    left join line_books
        on placed.statement_line_id = line_books.statement_line_id
        and placed.break_class = 'overdue'
    left join legal_entities on placed.legal_entity = legal_entities.legal_entity
),

final as (
    select
        placed.resolution_id,
        placed.exception_id,
        placed.order_id,
        placed.store_id,
        in_books.merchant_id,

        in_books.legal_entity,
        in_books.platform,
        placed.currency_code,
        placed.posting_role,

        placed.written_off_cents as posted_cents,

        in_books.is_in_coco_books,

        placed.resolution_date as entry_date
    from placed
    inner join in_books on placed.resolution_id = in_books.resolution_id
    where placed.posting_role is not null
)

select * from final

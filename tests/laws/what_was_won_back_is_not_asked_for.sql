-- Law 4. What the queue asks a platform for and what it gave back come to no more than it took, by order, store and currency. Where
-- somebody has resolved an exception, what is asked for is a difference from that.
with

exceptions as (
    select * from {{ ref('reconciliation_exceptions') }}
),

queue as (
    select * from {{ ref('recoverable_queue') }}
),

claims as (
    select * from {{ ref('reconciliation_claims') }}
    where break_class in ('refund', 'error_charge', 'chargeback')
),

exception_items as (
    select * from {{ ref('exception_items') }}
    where is_won_back
),

recoverable_queue as (
    select queue.*
    from queue
    inner join exceptions on queue.exception_id = exceptions.exception_id
    where
        queue.break_class in ('refund', 'error_charge', 'chargeback')
        and exceptions.resolved_cents = 0
        and exceptions.written_off_cents = 0
),

taken as (
    select
        order_id,
        store_id,
        currency_code,
        break_class,
        -sum(claimed_cents) as taken_cents
    from claims
    where order_id is not null
    group by order_id, store_id, currency_code, break_class
),

asked as (
    select
        order_id,
        store_id,
        currency_code,
        break_class,
        sum(recoverable_cents) as asked_cents
    from recoverable_queue
    group by order_id, store_id, currency_code, break_class
),

won_back as (
    select
        order_id,
        store_id,
        currency_code,
        break_class,
        sum(item_cents) as won_back_cents
    from exception_items
    group by order_id, store_id, currency_code, break_class
),

final as (
    select
        won_back.*,
        taken.taken_cents,
        asked.asked_cents
    from won_back
    left join taken
        on won_back.order_id = taken.order_id
        and won_back.store_id is not distinct from taken.store_id
        and won_back.currency_code = taken.currency_code
        and won_back.break_class = taken.break_class
    left join asked
        on won_back.order_id = asked.order_id
        and won_back.store_id is not distinct from asked.store_id
        and won_back.currency_code = asked.currency_code
        and won_back.break_class = asked.break_class
    where won_back.won_back_cents + coalesce(asked.asked_cents, 0) > coalesce(taken.taken_cents, 0)
)

select * from final

-- Every cent of an exception is open, resolved or written off, as much as its history says, and its status says which: what is open is not
-- resolved. Where nothing is left of an exception and nothing was written off, there is nothing to resolve; what was won back once it was
-- resolved takes the place of as much that was.
with

exceptions as (
    select * from {{ ref('reconciliation_exceptions') }}
),

settled as (
    select
        exception_id,
        sum(resolved_cents) as resolved_cents,
        sum(written_off_cents) as written_off_cents
    from {{ ref('exception_history') }}
    group by exception_id
),

compared as (
    select
        coalesce(exceptions.exception_id, settled.exception_id) as exception_id,
        exceptions.status,
        coalesce(exceptions.exception_cents, 0) as exception_cents,
        coalesce(exceptions.open_cents, 0) as open_cents,
        coalesce(exceptions.won_back_cents, 0) as won_back_cents,
        coalesce(exceptions.resolved_cents, 0) as resolved_cents,
        coalesce(exceptions.written_off_cents, 0) as written_off_cents,
        case
            when exceptions.exception_cents = 0 and coalesce(settled.written_off_cents, 0) = 0 then 0
            else coalesce(settled.resolved_cents, 0)
        end as history_resolved_cents,
        coalesce(settled.written_off_cents, 0) as history_written_off_cents
    from exceptions
    full outer join settled on exceptions.exception_id = settled.exception_id
),

final as (
    select *
    from compared
    where
        resolved_cents not between history_resolved_cents and history_resolved_cents + greatest(won_back_cents, 0)
        or written_off_cents <> history_written_off_cents
        or exception_cents <> open_cents + resolved_cents + written_off_cents
        or (status in ('resolved', 'written_off')) <> (open_cents = 0)
        or (status = 'written_off' and written_off_cents <> exception_cents - resolved_cents)
)

select * from final

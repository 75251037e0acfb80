-- Every cent of an exception is open, resolved or written off, and its status says which: what is open is not resolved.
select
    exception_id,
    status,
    exception_cents,
    open_cents,
    resolved_cents,
    written_off_cents
from {{ ref('reconciliation_exceptions') }}
where
    exception_cents <> open_cents + resolved_cents + written_off_cents
    or (status in ('resolved', 'written_off')) <> (open_cents = 0)
    or (status = 'written_off' and written_off_cents <> exception_cents - resolved_cents)

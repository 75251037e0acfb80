with

exception_items as (
    select * from {{ ref('exception_items') }}
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
),

resolutions as (
    select * from {{ ref('int_exception_resolutions') }}
),

break_classes as (
    select * from {{ ref('break_classes') }}
),

dispute_windows as (
    select * from {{ ref('int_dispute_windows') }}
),

-- what was won back lowers an exception and tells nothing else of it
causes as (
    select
        exception_id,
        max(subject_type) as subject_type,
        max(subject_id) as subject_id,
        max(order_id) as order_id,
        min(statement_line_id) as statement_line_id,
        max(payout_id) as payout_id,
        max(deposit_id) as deposit_id,
        max(store_id) as store_id,
        max(merchant_id) as merchant_id,
        max(platform) as platform,
        max(legal_entity) as legal_entity,
        max(currency_code) as currency_code,
        max(break_class) as break_class,
        {{ sum_cents('item_cents') }} as item_cents,
        min(posting_date) as posting_date,
        min(first_seen_date) as first_seen_date,
        min(due_date) as due_date,
        min(payout_date) as payout_date
    from exception_items
    where not is_won_back
    group by exception_id
),

resolved as (
    select
        exception_id,
        max(resolution_number) as last_resolution_number,
        max(case when owner is not null then resolution_number end) as last_owner_number,
        max(case when outcome <> 'none' then resolution_number end) as last_outcome_number,
        min(case when outcome = 'resolved' and not is_undone then loaded_at end) as settled_at,
        {{ sum_cents('resolved_cents') }} as resolved_cents,
        {{ sum_cents('written_off_cents') }} as written_off_cents
    from resolutions
    group by exception_id
),

won_back as (
    select
        exception_items.exception_id,
        {{ sum_cents('exception_items.item_cents') }} as won_back_cents,
        {{ sum_cents('case when statement_lines.first_loaded_at > resolved.settled_at then exception_items.item_cents else 0 end') }}
            as won_back_later_cents
    from exception_items
    inner join statement_lines on exception_items.statement_line_id = statement_lines.statement_line_id
    left join resolved on exception_items.exception_id = resolved.exception_id
    where exception_items.is_won_back
    group by exception_items.exception_id
),

found as (
    select
        causes.*,
        causes.item_cents + coalesce(won_back.won_back_cents, 0) as exception_cents,
        coalesce(won_back.won_back_cents, 0) as won_back_cents,
        coalesce(won_back.won_back_later_cents, 0) as won_back_later_cents
    from causes
    left join won_back on causes.exception_id = won_back.exception_id
),

-- what was resolved stays on the list when its cause is gone from the data, as it was when it was resolved
known as (
    select
        last.exception_id,
        last.subject_type,
        last.subject_id,
        last.order_id,
        last.statement_line_id,
        last.payout_id,
        last.deposit_id,
        last.store_id,
        last.merchant_id,
        last.platform,
        last.legal_entity,
        last.currency_code,
        last.break_class,
        last.posting_date,
        last.first_seen_date,
        last.due_date,
        resolved.resolved_cents,
        resolved.written_off_cents,
        owners.owner,
        outcomes.outcome,
        outcomes.resolution_code,
        outcomes.reason,
        outcomes.evidence_reference,
        outcomes.loaded_at as status_changed_at
    from resolved
    inner join resolutions as last
        on resolved.exception_id = last.exception_id
        and resolved.last_resolution_number = last.resolution_number
    left join resolutions as owners
        on resolved.exception_id = owners.exception_id
        and resolved.last_owner_number = owners.resolution_number
    left join resolutions as outcomes
        on resolved.exception_id = outcomes.exception_id
        and resolved.last_outcome_number = outcomes.resolution_number
),

joined as (
    select
        coalesce(found.exception_id, known.exception_id) as exception_id,
        coalesce(found.subject_type, known.subject_type) as subject_type,
        coalesce(found.subject_id, known.subject_id) as subject_id,
        coalesce(found.order_id, known.order_id) as order_id,
        coalesce(found.statement_line_id, known.statement_line_id) as statement_line_id,
        coalesce(found.payout_id, known.payout_id) as payout_id,
        coalesce(found.deposit_id, known.deposit_id) as deposit_id,
        coalesce(found.store_id, known.store_id) as store_id,
        coalesce(found.merchant_id, known.merchant_id) as merchant_id,
        coalesce(found.platform, known.platform) as platform,
        coalesce(found.legal_entity, known.legal_entity) as legal_entity,
        coalesce(found.currency_code, known.currency_code) as currency_code,
        coalesce(found.break_class, known.break_class) as break_class,
        coalesce(found.posting_date, known.posting_date) as posting_date,
        coalesce(found.first_seen_date, known.first_seen_date) as first_seen_date,
        coalesce(found.due_date, known.due_date) as due_date,
        found.payout_date,
        coalesce(found.exception_cents, 0) as exception_cents,
        coalesce(found.won_back_cents, 0) as won_back_cents,
        coalesce(known.written_off_cents, 0) as written_off_cents,
        -- where nothing is left of it there is nothing to work, save a write-off that should not have been;
        -- what is won back once it was settled has been settled already
        case
            when coalesce(found.exception_cents, 0) = 0 and coalesce(known.written_off_cents, 0) = 0 then 0
            else
                coalesce(found.exception_cents, 0) - coalesce(known.resolved_cents, 0) - coalesce(known.written_off_cents, 0)
                - greatest(least(coalesce(found.won_back_later_cents, 0), -coalesce(known.resolved_cents, 0)), 0)
        end as open_cents,
        known.owner,
        known.outcome,
        known.resolution_code,
        known.reason,
        known.evidence_reference,
        known.status_changed_at
    from found
    full outer join known on found.exception_id = known.exception_id
    where found.exception_cents <> 0 or found.won_back_cents <> 0 or known.exception_id is not null
),

judged as (
    select
        joined.*,
        case
            when joined.outcome = 'written_off' and joined.open_cents = 0 then 'written_off'
            when joined.outcome is not null and joined.open_cents = 0 then 'resolved'
            when joined.outcome in ('resolved', 'written_off', 'reopened') then 'reopened'
            when joined.outcome = 'in_dispute' then 'in_dispute'
            when joined.open_cents = 0 then 'resolved'
            else 'open'
        end as status,
        break_classes.next_step,
        break_classes.is_recoverable and joined.exception_cents < 0 as is_recoverable,
        {{ days_between('joined.due_date', 'cast(' ~ as_of_timestamp() ~ ' as date)') }} as age_days
    from joined
    left join break_classes on joined.break_class = break_classes.break_class
),

-- a window that names the platform goes before one that names none
windows as (
    select
        judged.exception_id,
        {{ add_days(
            "case dispute_windows.counted_from when 'payout' then judged.payout_date when 'due' then judged.due_date else judged.posting_date end",
            'dispute_windows.window_days'
        ) }} as dispute_deadline_date,
        row_number() over (
            partition by judged.exception_id
            order by
                case when dispute_windows.platform is not null then 0 else 1 end,
                dispute_windows.valid_from desc,
                {{ binary_order('dispute_windows.dispute_window_id') }}
        ) as window_rank
    from judged
    inner join dispute_windows
        on judged.break_class = dispute_windows.break_class
        and (dispute_windows.platform is null or judged.platform = dispute_windows.platform)
        and judged.posting_date between dispute_windows.valid_from and dispute_windows.valid_to
    where judged.is_recoverable
),

final as (
    select
        judged.exception_id,
        judged.subject_id,
        judged.order_id,
        judged.statement_line_id,
        judged.payout_id,
        judged.deposit_id,
        judged.store_id,
        judged.merchant_id,

        judged.subject_type,
        judged.platform,
        judged.legal_entity,
        judged.currency_code,
        judged.break_class,
        judged.status,
        judged.owner,
        judged.resolution_code,
        judged.reason as resolution_reason,
        judged.evidence_reference,
        judged.next_step,
        cast(judged.age_days as bigint) as age_days,
        {{ aging_bucket('judged.age_days') }} as aging_bucket,

        judged.exception_cents,
        judged.won_back_cents,
        judged.open_cents,
        judged.exception_cents - judged.open_cents - judged.written_off_cents as resolved_cents,
        judged.written_off_cents,

        judged.is_recoverable,

        judged.posting_date,
        judged.first_seen_date,
        judged.due_date,
        windows.dispute_deadline_date,
        judged.status_changed_at
    from judged
    left join windows
        on judged.exception_id = windows.exception_id
        and windows.window_rank = 1
)

select * from final

-- A closed month holds what was closed: its journal lines, the movements of both roll-forwards, and the balance of each exception at its
-- end, whatever came later.
with

movements as (
    select * from {{ ref('exception_movements') }}
),

last_close as (
    select * from {{ ref('int_last_close') }}
),

journal as (
    select
        journal_line_id,
        entry_number,
        debit_cents,
        credit_cents
    from {{ ref('journal_entries') }}
    where period_month_date <= (select last_close.last_closed_month_date from last_close)
),

closed_journal as (
    select
        journal_line_id,
        entry_number,
        debit_cents,
        credit_cents
    from {{ ref('int_closed_journal_lines') }}
),

closed_months as (
    select period_month_date from {{ ref('closed_periods') }}
),

rollforwards as (
    {%- for rollforward, movements in {
        'clearing': ['expected', 'claims_booked', 'payouts', 'written_off'],
        'transit': ['due', 'deposited', 'written_off'],
    }.items() %}
    {%- set outer_loop = loop %}
    {%- for movement in movements %}
    {{ 'union all' if not (loop.first and outer_loop.first) }}
    select
        '{{ rollforward }} {{ movement }} ' || {{ month_text('period_month_date') }} || coalesce(' ' || legal_entity, '')
        || coalesce(' ' || merchant_id, '') || coalesce(' ' || platform, '') || coalesce(' ' || currency_code, '') as book,
        {{ movement }}_cents as movement_cents
    from {{ ref(rollforward ~ '_rollforward') }}
    where period_month_date in (select closed_months.period_month_date from closed_months)
    {%- endfor %}
    {%- endfor %}
    union all
    select
        rollforward || ' ' || movement_type || ' ' || {{ month_text('period_month_date') }} || coalesce(' ' || legal_entity, '')
        || coalesce(' ' || merchant_id, '') || coalesce(' ' || platform, '') || coalesce(' ' || currency_code, '') as book,
        -movement_cents as movement_cents
    from {{ ref('int_closed_rollforwards') }}
),

balances as (
    select
        closed_months.period_month_date,
        movements.exception_id,
        movements.movement_cents as open_cents
    from movements
    inner join closed_months on movements.period_month_date <= closed_months.period_month_date
    union all
    select
        period_month_date,
        exception_id,
        -open_cents as open_cents
    from {{ ref('closed_exceptions') }}
),

final as (
    select 'journal line ' || coalesce(journal.journal_line_id, closed_journal.journal_line_id) as changed
    from journal
    full outer join closed_journal on journal.journal_line_id = closed_journal.journal_line_id
    where
        journal.journal_line_id is null
        or closed_journal.journal_line_id is null
        or journal.entry_number <> closed_journal.entry_number
        or journal.debit_cents <> closed_journal.debit_cents
        or journal.credit_cents <> closed_journal.credit_cents
    union all
    select book as changed
    from rollforwards
    group by book
    having sum(movement_cents) <> 0
    union all
    select 'exception ' || exception_id || ' at the end of ' || {{ month_text('period_month_date') }} as changed
    from balances
    group by exception_id, period_month_date
    having sum(open_cents) <> 0
)

select * from final

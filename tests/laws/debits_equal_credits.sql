-- Law 6. Debits equal credits in every journal entry, a line is one of both and more than nothing, and a number is of one entry.
with

journal_entries as (
    select * from {{ ref('journal_entries') }}
),

entries as (
    select
        journal_entry_id,
        legal_entity,
        currency_code,
        entry_number,
        sum(debit_cents) as debit_cents,
        sum(credit_cents) as credit_cents
    from journal_entries
    group by journal_entry_id, legal_entity, currency_code, entry_number
),

numbers as (
    select
        legal_entity,
        entry_number
    from entries
    group by legal_entity, entry_number
    having count(*) > 1
),

final as (
    select
        'entry out of balance' as finding,
        journal_entry_id as found_in
    from entries
    where debit_cents <> credit_cents
    union all
    select
        'line that is no debit or credit' as finding,
        journal_line_id as found_in
    from journal_entries
    where
        debit_cents < 0
        or credit_cents < 0
        or (debit_cents = 0) = (credit_cents = 0)
        or journal_entry_id is null
        or legal_entity is null
        or entry_date is null
        or account_name is null
    union all
    select
        'number of several entries' as finding,
        legal_entity || ' ' || entry_number as found_in
    from numbers
)

select * from final

-- Law 5. What the journal has on clearing and on transit is what the roll-forwards say, by legal entity, merchant, platform, currency
-- and month.
{%- set keys = ['legal_entity', 'merchant_id', 'platform', 'currency_code', 'period_month_date'] %}
with

journal_entries as (
    select * from {{ ref('journal_entries') }}
),

chart_of_accounts as (
    select * from {{ ref('chart_of_accounts') }}
),

journal as (
    select
        chart_of_accounts.posting_role,
        {%- for key in keys %}
        journal_entries.{{ key }},
        {%- endfor %}
        sum(journal_entries.debit_cents) - sum(journal_entries.credit_cents) as moved_cents
    from journal_entries
    inner join chart_of_accounts on journal_entries.account_code = chart_of_accounts.account_code
    where chart_of_accounts.posting_role in ('clearing', 'transit')
    group by
        {%- for key in keys %}
        journal_entries.{{ key }},
        {%- endfor %}
        chart_of_accounts.posting_role
),

rollforwards as (
    select
        'clearing' as posting_role,
        {{ keys | join(', ') }},
        closing_cents - opening_cents as moved_cents
    from {{ ref('clearing_rollforward') }}
    union all
    select
        'transit' as posting_role,
        {{ keys | join(', ') }},
        closing_cents - opening_cents as moved_cents
    from {{ ref('transit_rollforward') }}
),

final as (
    select
        coalesce(journal.posting_role, rollforwards.posting_role) as posting_role,
        {%- for key in keys %}
        coalesce(journal.{{ key }}, rollforwards.{{ key }}) as {{ key }},
        {%- endfor %}
        journal.moved_cents as journal_cents,
        rollforwards.moved_cents as rollforward_cents
    from journal
    full outer join rollforwards
        on journal.posting_role = rollforwards.posting_role
        and journal.legal_entity = rollforwards.legal_entity
        and coalesce(journal.merchant_id, '') = coalesce(rollforwards.merchant_id, '')
        and coalesce(journal.platform, '') = coalesce(rollforwards.platform, '')
        and coalesce(journal.currency_code, '') = coalesce(rollforwards.currency_code, '')
        and journal.period_month_date = rollforwards.period_month_date
    where coalesce(journal.moved_cents, 0) <> coalesce(rollforwards.moved_cents, 0)
)

select * from final

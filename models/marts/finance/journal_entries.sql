{%- set text = dbt.type_string() -%}
with

last_close as (
    select * from {{ ref('int_last_close') }}
),

all_postings as (
    select * from {{ ref('journal_postings') }}
),

closed_journal_lines as (
    select * from {{ ref('int_closed_journal_lines') }}
),

chart_of_accounts as (
    select * from {{ ref('chart_of_accounts') }}
),

charge_types as (
    select * from {{ ref('charge_types') }}
),

merchants as (
    select * from {{ ref('merchants') }}
),

journal_postings as (
    select all_postings.*
    from all_postings
    inner join last_close on all_postings.period_month_date > last_close.last_closed_month_date
),

-- debits and credits of one charge are shown both; clearing, transit and bank are one line each, and so are adjustments
lines as (
    select
        journal_entry_id,
        entry_type,
        legal_entity,
        entry_merchant_id,
        entry_platform,
        entry_source_id,
        merchant_id,
        case when entry_source_id is not null then store_id end as store_id,
        platform,
        currency_code,
        account_code,
        charge_type,
        {{ sum_cents('posted_cents') }} as posted_cents,
        entry_date,
        period_month_date
    from journal_postings
    group by
        journal_entry_id,
        entry_type,
        legal_entity,
        entry_merchant_id,
        entry_platform,
        entry_source_id,
        merchant_id,
        case when entry_source_id is not null then store_id end,
        platform,
        currency_code,
        account_code,
        charge_type,
        case when charge_type is not null and entry_type <> 'prior_period' then posted_cents > 0 end,
        entry_date,
        period_month_date
    having sum(posted_cents) <> 0
),

numbered as (
    select
        *,
        dense_rank() over (
            partition by legal_entity, period_month_date
            order by
                entry_date,
                case entry_type
                    when 'earned' then 1
                    when 'claims' then 2
                    when 'payout' then 3
                    when 'bank' then 4
                    when 'write_off' then 5
                    when 'fulfilment' then 6
                    else 7
                end,
                {{ binary_order("coalesce(entry_platform, '')") }},
                {{ binary_order('journal_entry_id') }}
        ) as entry_place,
        row_number() over (
            partition by journal_entry_id
            order by
                case when posted_cents > 0 then 0 else 1 end,
                {{ binary_order('account_code') }},
                {{ binary_order("coalesce(charge_type, '')") }},
                {{ binary_order("coalesce(merchant_id, '')") }},
                {{ binary_order("coalesce(store_id, '')") }},
                {{ binary_order("coalesce(platform, '')") }}
        ) as line_number
    from lines
),

described as (
    select
        numbered.*,
        chart_of_accounts.account_name,
        case numbered.entry_type
            when 'earned' then 'Earned'
            when 'claims' then 'Claims'
            when 'payout' then 'Payout'
            when 'bank' then 'Deposit'
            when 'write_off' then 'Write-off'
            when 'fulfilment' then 'Courier'
            when 'prior_period' then 'Prior period'
        end
        || coalesce(' ' || numbered.entry_platform, '')
        || coalesce(', ' || merchants.merchant_name, '')
        || coalesce(', ' || numbered.entry_source_id, '')
        || coalesce(': ' || charge_types.charge_type_name, '') as description
    from numbered
    left join chart_of_accounts on numbered.account_code = chart_of_accounts.account_code
    left join charge_types on numbered.charge_type = charge_types.charge_type
    left join merchants on numbered.entry_merchant_id = merchants.merchant_id
),

open_lines as (
    select
        {{ hashed_key([
            'journal_entry_id', 'account_code', 'charge_type', 'merchant_id', 'store_id', 'platform',
            "case when posted_cents > 0 then 'debit' else 'credit' end",
        ]) }} as journal_line_id,
        journal_entry_id,
        {{ month_text('period_month_date') }} || '-' || lpad(cast(entry_place as {{ text }}), 6, '0') as entry_number,
        line_number,
        merchant_id,
        store_id,
        entry_source_id as source_id,

        legal_entity,
        entry_type,
        platform,
        currency_code,
        account_code,
        account_name,
        charge_type,
        description,

        case when posted_cents > 0 then posted_cents else 0 end as debit_cents,
        case when posted_cents < 0 then -posted_cents else 0 end as credit_cents,

        entry_date,
        period_month_date
    from described
),

-- a closed month stays as it was closed, to the names of its accounts
final as (
    select * from open_lines
    union all
    select
        journal_line_id,
        journal_entry_id,
        entry_number,
        line_number,
        merchant_id,
        store_id,
        source_id,
        legal_entity,
        entry_type,
        platform,
        currency_code,
        account_code,
        account_name,
        charge_type,
        description,
        debit_cents,
        credit_cents,
        entry_date,
        period_month_date
    from closed_journal_lines
)

select * from final

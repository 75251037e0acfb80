{{ config(materialized='view') }}

with

closed_journal_lines as (
    select * from {{ ref('stg_coco_close__closed_journal_lines') }}
),

closed_periods as (
    select * from {{ ref('int_closed_periods') }}
),

final as (
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
        period_month_date,
        closed_at
    from closed_journal_lines
    where period_month_date in (select closed_periods.period_month_date from closed_periods)
)

select * from final

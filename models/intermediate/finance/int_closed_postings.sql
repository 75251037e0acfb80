{{ config(materialized='view') }}

with

closed_postings as (
    select * from {{ ref('stg_coco_close__closed_postings') }}
),

closed_periods as (
    select * from {{ ref('int_closed_periods') }}
),

final as (
    select
        posting_id,
        journal_entry_id,
        order_id,
        merchant_id,
        store_id,
        entry_merchant_id,
        entry_source_id,
        source_id,
        legal_entity,
        entry_type,
        source_type,
        platform,
        entry_platform,
        currency_code,
        account_code,
        charge_type,
        posted_cents,
        entry_date,
        period_month_date,
        closed_at
    from closed_postings
    where period_month_date in (select closed_periods.period_month_date from closed_periods)
)

select * from final

-- what the platform's own summaries say of each payout: they name it by its reference alone
with

summary_rows as (
    select * from {{ ref('int_payout_summary_rows') }}
    where payout_id is not null
),

store_merchants as (
    select * from {{ ref('int_store_merchants') }}
),

summed as (
    select
        platform || ':' || payout_id as payout_id,
        max(payout_id) as payout_reference,
        case when min(platform_store_id) = max(platform_store_id) then max(platform || ':' || platform_store_id) end as store_id,
        max(platform) as platform,
        max(upper(currency_code)) as currency_code,
        count(*) as summary_row_count,
        {{ sum_cents('net_cents') }} as summary_cents,
        max(payout_date) as payout_date,
        min(loaded_at) as first_loaded_at
    from summary_rows
    group by platform || ':' || payout_id
),

final as (
    select
        summed.payout_id,
        summed.payout_reference,
        store_merchants.store_id,
        store_merchants.merchant_id,

        summed.platform,
        coalesce(summed.currency_code, store_merchants.currency_code) as currency_code,
        summed.summary_row_count,

        summed.summary_cents,

        summed.payout_date,
        summed.first_loaded_at
    from summed
    left join store_merchants on summed.store_id = store_merchants.store_id
)

select * from final

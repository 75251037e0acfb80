{%- set text = dbt.type_string() -%}
with

payouts as (
    select * from {{ ref('payouts') }}
),

legal_entities as (
    select * from {{ ref('legal_entities') }}
    where recorded_on <= cast({{ as_of_timestamp() }} as date)
),

deposits as (
    select deposits.*
    from {{ ref('deposits') }} as deposits
    inner join legal_entities on deposits.legal_entity = legal_entities.legal_entity
),

payout_deposits as (
    select * from {{ ref('int_payout_deposits') }}
),

write_offs as (
    select * from {{ ref('int_write_offs') }}
    where is_in_coco_books and posting_role = 'transit'
),

closed_movements as (
    select * from {{ ref('int_closed_rollforwards') }}
    where rollforward = 'transit'
),

last_close as (
    select * from {{ ref('int_last_close') }}
),

calendar as (
    select * from {{ ref('calendar') }}
),

allocations as (
    select
        payout_deposits.deposit_id,
        payouts.legal_entity,
        payouts.merchant_id,
        payouts.platform,
        payouts.currency_code,
        payout_deposits.allocated_cents
    from payout_deposits
    inner join payouts on payout_deposits.payout_id = payouts.payout_id
    where payouts.merchant_of_record = 'coco' and payouts.legal_entity is not null
),

movements as (
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        payout_date as movement_date,
        'due' as movement_type,
        due_cents as movement_cents
    from payouts
    where merchant_of_record = 'coco' and legal_entity is not null
    union all
    select
        allocations.legal_entity,
        allocations.merchant_id,
        allocations.platform,
        allocations.currency_code,
        all_deposits.posted_date as movement_date,
        'deposited' as movement_type,
        allocations.allocated_cents as movement_cents
    from allocations
    inner join {{ ref('deposits') }} as all_deposits on allocations.deposit_id = all_deposits.deposit_id
    union all
    -- what a deposit brings beyond what it pays is with its payout's merchant where it names one
    select
        deposits.legal_entity,
        payouts.merchant_id,
        coalesce(payouts.platform, deposits.platform) as platform,
        deposits.currency_code,
        deposits.posted_date as movement_date,
        'deposited' as movement_type,
        coalesce(payout_deposits.misdirected_cents + payout_deposits.excess_cents, deposits.deposited_cents) as movement_cents
    from deposits
    left join payout_deposits on deposits.deposit_id = payout_deposits.deposit_id
    left join payouts on payout_deposits.payout_id = payouts.payout_id
    union all
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        entry_date as movement_date,
        'written_off' as movement_type,
        -posted_cents as movement_cents
    from write_offs
),

-- closed months hold what was closed; what they would hold beyond it by now moves in the first open month
posted as (
    select
        movements.legal_entity,
        movements.merchant_id,
        movements.platform,
        movements.currency_code,
        movements.movement_type,
        greatest({{ first_of_month('movement_date') }}, last_close.first_open_month_date) as period_month_date,
        movements.movement_cents
    from movements
    cross join last_close
    union all
    select
        closed_movements.legal_entity,
        closed_movements.merchant_id,
        closed_movements.platform,
        closed_movements.currency_code,
        closed_movements.movement_type,
        last_close.first_open_month_date as period_month_date,
        -closed_movements.movement_cents as movement_cents
    from closed_movements
    cross join last_close
    where movement_cents <> 0
    union all
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        movement_type,
        period_month_date,
        movement_cents
    from closed_movements
),

totals as (
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        period_month_date,
        {{ sum_cents("case when movement_type = 'due' then movement_cents else 0 end") }} as due_cents,
        {{ sum_cents("case when movement_type = 'deposited' then movement_cents else 0 end") }} as deposited_cents,
        {{ sum_cents("case when movement_type = 'written_off' then movement_cents else 0 end") }} as written_off_cents
    from posted
    group by legal_entity, merchant_id, platform, currency_code, period_month_date
),

-- every month from the first movement on, so that a balance is seen in months in which nothing moves
spans as (
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        min(period_month_date) as first_month_date,
        greatest(max(period_month_date), {{ first_of_month(as_of_timestamp()) }}) as last_month_date
    from totals
    group by legal_entity, merchant_id, platform, currency_code
),

months as (
    select distinct {{ first_of_month('calendar_date') }} as period_month_date
    from calendar
),

filled as (
    select
        spans.legal_entity,
        spans.merchant_id,
        spans.platform,
        spans.currency_code,
        months.period_month_date,
        coalesce(totals.due_cents, 0) as due_cents,
        coalesce(totals.deposited_cents, 0) as deposited_cents,
        coalesce(totals.written_off_cents, 0) as written_off_cents,
        coalesce(totals.due_cents, 0) - coalesce(totals.deposited_cents, 0) - coalesce(totals.written_off_cents, 0) as net_cents
    from spans
    inner join months on months.period_month_date between spans.first_month_date and spans.last_month_date
    left join totals
        on spans.legal_entity = totals.legal_entity
        and coalesce(spans.merchant_id, '') = coalesce(totals.merchant_id, '')
        and coalesce(spans.platform, '') = coalesce(totals.platform, '')
        and coalesce(spans.currency_code, '') = coalesce(totals.currency_code, '')
        and months.period_month_date = totals.period_month_date
),

final as (
    select
        {{ hashed_key([
            'legal_entity', 'merchant_id', 'platform', 'currency_code', 'cast(period_month_date as ' ~ text ~ ')',
        ]) }} as transit_rollforward_id,
        filled.merchant_id,

        filled.legal_entity,
        filled.platform,
        filled.currency_code,

        cast(sum(filled.net_cents) over months_until_now - filled.net_cents as bigint) as opening_cents,
        filled.due_cents,
        filled.deposited_cents,
        filled.written_off_cents,
        cast(sum(filled.net_cents) over months_until_now as bigint) as closing_cents,

        filled.period_month_date <= last_close.last_closed_month_date as is_closed_period,

        filled.period_month_date
    from filled
    cross join last_close
    window months_until_now as (
        partition by legal_entity, merchant_id, platform, currency_code
        order by period_month_date
        rows unbounded preceding
    )
)

select * from final

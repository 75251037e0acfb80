{%- set text = dbt.type_string() -%}
with

expected_charges as (
    select * from {{ ref('expected_charges') }}
    where expected_cents <> 0
),

order_books as (
    select * from {{ ref('int_order_books') }}
    where is_in_coco_books
),

booked_claims as (
    select * from {{ ref('booked_claims') }}
    where is_in_coco_books
),

settled_lines as (
    select * from {{ ref('int_line_books') }}
    where is_in_coco_books and payout_id is not null
),

payouts as (
    select * from {{ ref('payouts') }}
),

write_offs as (
    select * from {{ ref('int_write_offs') }}
    where is_in_coco_books and posting_role = 'clearing'
),

closed_movements as (
    select * from {{ ref('int_closed_rollforwards') }}
    where rollforward = 'clearing'
),

last_close as (
    select * from {{ ref('int_last_close') }}
),

calendar as (
    select * from {{ ref('calendar') }}
),

movements as (
    select
        order_books.legal_entity,
        order_books.merchant_id,
        order_books.platform,
        order_books.currency_code,
        order_books.order_date as movement_date,
        'expected' as movement_type,
        expected_charges.expected_cents as movement_cents
    from expected_charges
    inner join order_books on expected_charges.order_id = order_books.order_id
    union all
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        posting_date as movement_date,
        'claims_booked' as movement_type,
        claimed_cents as movement_cents
    from booked_claims
    union all
    select
        settled_lines.legal_entity,
        settled_lines.merchant_id,
        settled_lines.platform,
        settled_lines.currency_code,
        payouts.payout_date as movement_date,
        'payouts' as movement_type,
        settled_lines.stated_cents as movement_cents
    from settled_lines
    inner join payouts on settled_lines.payout_id = payouts.payout_id
    union all
    -- less than its lines where a balance is carried forward, and the lines of another payout with it
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        payout_date as movement_date,
        'payouts' as movement_type,
        carry_in_cents - carry_out_cents as movement_cents
    from payouts
    where merchant_of_record = 'coco' and legal_entity is not null and carry_in_cents <> carry_out_cents
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
        {{ sum_cents("case when movement_type = 'expected' then movement_cents else 0 end") }} as expected_cents,
        {{ sum_cents("case when movement_type = 'claims_booked' then movement_cents else 0 end") }} as claims_booked_cents,
        {{ sum_cents("case when movement_type = 'payouts' then movement_cents else 0 end") }} as payouts_cents,
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
        coalesce(totals.expected_cents, 0) as expected_cents,
        coalesce(totals.claims_booked_cents, 0) as claims_booked_cents,
        coalesce(totals.payouts_cents, 0) as payouts_cents,
        coalesce(totals.written_off_cents, 0) as written_off_cents,
        coalesce(totals.expected_cents, 0)
        + coalesce(totals.claims_booked_cents, 0)
        - coalesce(totals.payouts_cents, 0)
        - coalesce(totals.written_off_cents, 0) as net_cents
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
        ]) }} as clearing_rollforward_id,
        filled.merchant_id,

        filled.legal_entity,
        filled.platform,
        filled.currency_code,

        cast(sum(filled.net_cents) over months_until_now - filled.net_cents as bigint) as opening_cents,
        filled.expected_cents,
        filled.claims_booked_cents,
        filled.payouts_cents,
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

-- Law 5, identity R3. What the transit roll-forward closes on is what is open, counted from the payouts and the breaks of deposits: on
-- its way, not traced since no export of the account reaches back so far, missing and short, less what was deposited and not due.
with

rollforward as (
    select
        *,
        row_number() over (
            partition by legal_entity, merchant_id, platform, currency_code
            order by period_month_date desc
        ) as recency
    from {{ ref('transit_rollforward') }}
),

on_the_way as (
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        case when is_traced then in_transit_cents else due_cents end as open_cents
    from {{ ref('payouts') }}
    where merchant_of_record = 'coco'
),

breaks as (
    select
        deposit_breaks.legal_entity,
        deposit_breaks.merchant_id,
        deposit_breaks.platform,
        deposit_breaks.currency_code,
        -deposit_breaks.break_cents as open_cents
    from {{ ref('deposit_breaks') }} as deposit_breaks
    inner join {{ ref('legal_entities') }} as legal_entities on deposit_breaks.legal_entity = legal_entities.legal_entity
),

written_off as (
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        posted_cents as open_cents
    from {{ ref('int_write_offs') }}
    where is_in_coco_books and posting_role = 'transit'
),

unioned as (
    select * from on_the_way
    union all
    select * from breaks
    union all
    select * from written_off
),

open_items as (
    select
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        sum(open_cents) as open_cents
    from unioned
    where legal_entity is not null
    group by legal_entity, merchant_id, platform, currency_code
),

closings as (
    select * from rollforward
    where recency = 1
),

final as (
    select
        coalesce(closings.legal_entity, open_items.legal_entity) as legal_entity,
        coalesce(closings.merchant_id, open_items.merchant_id) as merchant_id,
        coalesce(closings.platform, open_items.platform) as platform,
        coalesce(closings.currency_code, open_items.currency_code) as currency_code,
        closings.closing_cents,
        open_items.open_cents
    from closings
    full outer join open_items
        on closings.legal_entity = open_items.legal_entity
        and coalesce(closings.merchant_id, '') = coalesce(open_items.merchant_id, '')
        and coalesce(closings.platform, '') = coalesce(open_items.platform, '')
        and coalesce(closings.currency_code, '') = coalesce(open_items.currency_code, '')
    where coalesce(closings.closing_cents, 0) <> coalesce(open_items.open_cents, 0)
)

select * from final

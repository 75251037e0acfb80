-- Law 5, identity R3. What the transit roll-forward closes on is what is open, counted from the payouts and the breaks of deposits: on
-- its way, not traced since no export of the account reaches back so far, missing and short, less what was deposited and not due.
with

legal_entities as (
    select * from {{ ref('legal_entities') }}
),

deposit_breaks as (
    select * from {{ ref('deposit_breaks') }}
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
    from deposit_breaks
    inner join legal_entities on deposit_breaks.legal_entity = legal_entities.legal_entity
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

open_items as (
    select * from on_the_way
    union all
    select * from breaks
    union all
    select * from written_off
),

final as (
    {{ closings_not_open(ref('transit_rollforward'), 'open_items') }}
)

select * from final

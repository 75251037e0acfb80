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

fulfilment_costs as (
    select * from {{ ref('fulfilment_costs') }}
    where legal_entity is not null and accrued_cents <> 0
),

charge_types as (
    select * from {{ ref('charge_types') }}
),

accounts as (
    select
        max(case when posting_role = 'clearing' then account_code end) as clearing_code,
        max(case when posting_role = 'delivery_costs' then account_code end) as delivery_costs_code,
        max(case when posting_role = 'accrued_delivery_costs' then account_code end) as accrued_delivery_costs_code
    from {{ ref('chart_of_accounts') }}
),

charges as (
    select
        'earned' as entry_type,
        'order' as source_type,
        order_books.order_id as source_id,
        order_books.order_id,
        order_books.legal_entity,
        order_books.merchant_id,
        order_books.store_id,
        order_books.platform,
        order_books.currency_code,
        expected_charges.charge_type,
        expected_charges.expected_cents as charge_cents,
        order_books.order_date as entry_date
    from expected_charges
    inner join order_books on expected_charges.order_id = order_books.order_id
    union all
    select
        'claims' as entry_type,
        'claim' as source_type,
        claim_id as source_id,
        order_id,
        legal_entity,
        merchant_id,
        store_id,
        platform,
        currency_code,
        charge_type,
        claimed_cents as charge_cents,
        posting_date as entry_date
    from booked_claims
),

-- what is due to the merchant is credited to the account of its charge, what is deducted is debited
charge_postings as (
    select
        charges.entry_type,
        charges.source_type,
        charges.source_id,
        charges.order_id,
        charges.legal_entity,
        charges.merchant_id as entry_merchant_id,
        charges.platform as entry_platform,
        charges.merchant_id,
        charges.store_id,
        charges.platform,
        charges.currency_code,
        charge_types.account_code,
        charges.charge_type,
        -charges.charge_cents as posted_cents,
        charges.entry_date
    from charges
    inner join charge_types on charges.charge_type = charge_types.charge_type
),

charge_clearing_postings as (
    select
        charges.entry_type,
        charges.source_type,
        charges.source_id,
        charges.order_id,
        charges.legal_entity,
        charges.merchant_id as entry_merchant_id,
        charges.platform as entry_platform,
        charges.merchant_id,
        charges.store_id,
        charges.platform,
        charges.currency_code,
        accounts.clearing_code as account_code,
        cast(null as {{ text }}) as charge_type,
        {{ sum_cents('charges.charge_cents') }} as posted_cents,
        charges.entry_date
    from charges
    cross join accounts
    group by
        charges.entry_type,
        charges.source_type,
        charges.source_id,
        charges.order_id,
        charges.legal_entity,
        charges.merchant_id,
        charges.store_id,
        charges.platform,
        charges.currency_code,
        accounts.clearing_code,
        charges.entry_date
),

fulfilment_sides as (
    select delivery_costs_code as account_code, 1 as side from accounts
    union all
    select accrued_delivery_costs_code as account_code, -1 as side from accounts
),

fulfilment_postings as (
    select
        'fulfilment' as entry_type,
        'attempt' as source_type,
        fulfilment_costs.attempt_id as source_id,
        fulfilment_costs.order_id,
        fulfilment_costs.legal_entity,
        fulfilment_costs.merchant_id as entry_merchant_id,
        fulfilment_costs.platform as entry_platform,
        fulfilment_costs.merchant_id,
        fulfilment_costs.store_id,
        fulfilment_costs.platform,
        fulfilment_costs.currency_code,
        fulfilment_sides.account_code,
        cast(null as {{ text }}) as charge_type,
        fulfilment_costs.accrued_cents * fulfilment_sides.side as posted_cents,
        fulfilment_costs.cost_date as entry_date
    from fulfilment_costs
    cross join fulfilment_sides
),

unioned as (
    select * from charge_postings
    union all
    select * from charge_clearing_postings
    union all
    select * from fulfilment_postings
),

-- an entry is all of one kind, entity, merchant, platform, currency and day; a payout, a deposit and a write-off are an entry each
keyed as (
    select
        *,
        case when source_type in ('payout', 'deposit', 'exception') then source_id end as entry_source_id
    from unioned
    where posted_cents <> 0
),

final as (
    select
        {{ hashed_key(['entry_type', 'source_type', 'source_id', 'legal_entity', 'merchant_id', 'platform', 'currency_code', 'account_code', 'charge_type']) }} as posting_id,
        {{ hashed_key(['entry_type', 'legal_entity', 'entry_merchant_id', 'entry_platform', 'currency_code', 'cast(entry_date as ' ~ text ~ ')', 'entry_source_id']) }} as journal_entry_id,
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
        {{ first_of_month('entry_date') }} as period_month_date
    from keyed
)

select * from final

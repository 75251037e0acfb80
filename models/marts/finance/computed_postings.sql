{{ config(materialized='view') }}
{%- set text = dbt.type_string() %}

-- what posts as the data stand, closes left aside
with

expected_charges as (
    select * from {{ ref('expected_charges') }}
    where expected_cents <> 0
),

receipt_parts as (
    select * from {{ ref('int_receipt_parts') }}
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

payout_postings as (
    select * from {{ ref('int_payout_postings') }}
),

bank_postings as (
    select * from {{ ref('int_bank_postings') }}
),

write_offs as (
    select * from {{ ref('int_write_offs') }}
    where is_in_coco_books
),

charge_types as (
    select * from {{ ref('charge_types') }}
),

chart_of_accounts as (
    select * from {{ ref('chart_of_accounts') }}
    where posting_role is not null
),

-- tax and tips of a direct order are owed to others, though one card receipt brings all
earned_charges as (
    select
        order_id,
        charge_type,
        expected_cents as charge_cents
    from expected_charges
    where charge_type <> 'receipts'
    union all
    select
        order_id,
        charge_type,
        part_cents as charge_cents
    from receipt_parts
),

-- what is taken back of an order is what was earned by it
claimed_charges as (
    select
        claim_id,
        order_id,
        legal_entity,
        merchant_id,
        store_id,
        platform,
        currency_code,
        charge_type,
        claimed_cents as charge_cents,
        posting_date
    from booked_claims
    where claim_level <> 'order' or charge_type <> 'receipts'
    union all
    select
        booked_claims.claim_id,
        booked_claims.order_id,
        booked_claims.legal_entity,
        booked_claims.merchant_id,
        booked_claims.store_id,
        booked_claims.platform,
        booked_claims.currency_code,
        receipt_parts.charge_type,
        -receipt_parts.part_cents as charge_cents,
        booked_claims.posting_date
    from booked_claims
    inner join receipt_parts on booked_claims.order_id = receipt_parts.order_id
    where booked_claims.claim_level = 'order' and booked_claims.charge_type = 'receipts'
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
        earned_charges.charge_type,
        earned_charges.charge_cents,
        order_books.order_date as entry_date
    from earned_charges
    inner join order_books on earned_charges.order_id = order_books.order_id
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
        charge_cents,
        posting_date as entry_date
    from claimed_charges
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
        charge_types.account_code as charge_account_code,
        cast(null as {{ text }}) as posting_role,
        cast(null as {{ text }}) as bank_account_id,
        charges.charge_type,
        -charges.charge_cents as posted_cents,
        charges.entry_date
    from charges
    inner join charge_types on charges.charge_type = charge_types.charge_type
),

charge_clearing_postings as (
    select
        entry_type,
        source_type,
        source_id,
        order_id,
        legal_entity,
        merchant_id as entry_merchant_id,
        platform as entry_platform,
        merchant_id,
        store_id,
        platform,
        currency_code,
        cast(null as {{ text }}) as charge_account_code,
        'clearing' as posting_role,
        cast(null as {{ text }}) as bank_account_id,
        cast(null as {{ text }}) as charge_type,
        {{ sum_cents('charge_cents') }} as posted_cents,
        entry_date
    from charges
    group by
        entry_type,
        source_type,
        source_id,
        order_id,
        legal_entity,
        merchant_id,
        store_id,
        platform,
        currency_code,
        entry_date
),

-- the other kinds post by what an account is for
roles as (
    select
        'payout' as entry_type,
        'payout' as source_type,
        payout_id as source_id,
        cast(null as {{ text }}) as order_id,
        legal_entity,
        entry_merchant_id,
        entry_platform,
        merchant_id,
        store_id,
        platform,
        currency_code,
        posting_role,
        cast(null as {{ text }}) as bank_account_id,
        posted_cents,
        entry_date
    from payout_postings
    union all
    select
        'bank' as entry_type,
        'deposit' as source_type,
        deposit_id as source_id,
        cast(null as {{ text }}) as order_id,
        legal_entity,
        cast(null as {{ text }}) as entry_merchant_id,
        entry_platform,
        merchant_id,
        store_id,
        platform,
        currency_code,
        posting_role,
        case when posting_role = 'bank' then bank_account_id end as bank_account_id,
        posted_cents,
        entry_date
    from bank_postings
    {%- for role, sign in [('posting_role', '1 *'), ("'write_offs'", '-1 *')] %}
    union all
    select
        'write_off' as entry_type,
        'exception' as source_type,
        exception_id as source_id,
        order_id,
        legal_entity,
        merchant_id as entry_merchant_id,
        platform as entry_platform,
        merchant_id,
        store_id,
        platform,
        currency_code,
        cast({{ role }} as {{ text }}) as posting_role,
        cast(null as {{ text }}) as bank_account_id,
        {{ sign }} posted_cents as posted_cents,
        entry_date
    from write_offs
    {%- endfor %}
    {%- for role, sign in [('delivery_costs', ''), ('accrued_delivery_costs', '-')] %}
    union all
    select
        'fulfilment' as entry_type,
        'attempt' as source_type,
        attempt_id as source_id,
        order_id,
        legal_entity,
        merchant_id as entry_merchant_id,
        platform as entry_platform,
        merchant_id,
        store_id,
        platform,
        currency_code,
        '{{ role }}' as posting_role,
        cast(null as {{ text }}) as bank_account_id,
        {{ sign }}accrued_cents as posted_cents,
        cost_date as entry_date
    from fulfilment_costs
    {%- endfor %}
),

role_postings as (
    select
        entry_type,
        source_type,
        source_id,
        max(order_id) as order_id,
        legal_entity,
        entry_merchant_id,
        entry_platform,
        merchant_id,
        store_id,
        platform,
        currency_code,
        cast(null as {{ text }}) as charge_account_code,
        posting_role,
        bank_account_id,
        cast(null as {{ text }}) as charge_type,
        {{ sum_cents('posted_cents') }} as posted_cents,
        entry_date
    from roles
    group by
        entry_type,
        source_type,
        source_id,
        legal_entity,
        entry_merchant_id,
        entry_platform,
        merchant_id,
        store_id,
        platform,
        currency_code,
        posting_role,
        bank_account_id,
        entry_date
),

unioned as (
    select * from charge_postings
    union all
    select * from charge_clearing_postings
    union all
    select * from role_postings
),

-- a bank account that no row of the chart names posts to the row that names none
accounted as (
    select
        unioned.*,
        coalesce(unioned.charge_account_code, named_accounts.account_code, accounts.account_code) as account_code
    from unioned
    left join chart_of_accounts as accounts
        on unioned.posting_role = accounts.posting_role
        and accounts.bank_account_id is null
    left join chart_of_accounts as named_accounts
        on unioned.posting_role = named_accounts.posting_role
        and unioned.bank_account_id = named_accounts.bank_account_id
),

-- an entry is all of one kind, entity, merchant, platform, currency and day; a payout, a deposit and a write-off are an entry each
keyed as (
    select
        *,
        case when source_type in ('payout', 'deposit', 'exception') then source_id end as entry_source_id
    from accounted
    where posted_cents <> 0
),

final as (
    select
        {{ hashed_key([
            'entry_type', 'source_type', 'source_id', 'legal_entity', 'merchant_id', 'store_id', 'platform',
            'currency_code', 'account_code', 'charge_type', 'cast(entry_date as ' ~ text ~ ')',
        ]) }} as posting_id,
        {{ hashed_key([
            'entry_type', 'legal_entity', 'entry_merchant_id', 'entry_platform', 'currency_code',
            'cast(entry_date as ' ~ text ~ ')', 'entry_source_id',
        ]) }} as journal_entry_id,
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

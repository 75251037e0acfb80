{{ config(post_hook='{{ stop_on_stores_without_payee(this) }}') }}
-- which bank account each store is paid into, and whose books that is in: a row that names the store goes before one that names none
with

payee_accounts as (
    select * from {{ ref('int_payee_accounts') }}
),

store_map as (
    select * from {{ ref('int_store_map') }}
),

stores as (
    select distinct
        platform,
        platform_store_id
    from store_map
),

candidates as (
    select
        stores.platform || ':' || stores.platform_store_id as store_id,
        stores.platform,
        payee_accounts.bank_account_id,
        payee_accounts.legal_entity,
        payee_accounts.merchant_of_record,
        payee_accounts.currency_code,
        payee_accounts.platform_store_id is not null as is_of_the_store,
        payee_accounts.valid_from,
        payee_accounts.valid_to
    from stores
    inner join payee_accounts
        on stores.platform = payee_accounts.platform
        and (payee_accounts.platform_store_id is null or stores.platform_store_id = payee_accounts.platform_store_id)
),

-- days on which another row can begin to hold
boundaries as (
    select
        store_id,
        valid_from as first_day
    from candidates
    union
    select
        store_id,
        {{ add_days('valid_to', '1') }} as first_day
    from candidates
    where valid_to < date '9999-12-31'
),

spans as (
    select
        store_id,
        first_day,
        coalesce(
            {{ add_days('lead(first_day) over (partition by store_id order by first_day)', '-1') }},
            date '9999-12-31'
        ) as last_day
    from boundaries
),

ranked as (
    select
        candidates.*,
        spans.first_day,
        spans.last_day,
        row_number() over (
            partition by spans.store_id, spans.first_day
            order by
                case when candidates.is_of_the_store then 0 else 1 end,
                candidates.valid_from desc,
                {{ binary_order('candidates.bank_account_id') }}
        ) as preference
    from spans
    inner join candidates
        on spans.store_id = candidates.store_id
        and spans.first_day between candidates.valid_from and candidates.valid_to
),

final as (
    select
        store_id,

        platform,
        bank_account_id,
        legal_entity,
        merchant_of_record,
        currency_code,

        coalesce(merchant_of_record = 'coco' and legal_entity is not null, false) as is_in_coco_books,

        first_day as valid_from,
        last_day as valid_to
    from ranked
    where preference = 1
)

select * from final

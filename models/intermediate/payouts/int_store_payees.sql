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

deciding as (
    {{ deciding_rows(
        'candidates',
        'store_id',
        'case when candidates.is_of_the_store then 0 else 1 end, candidates.valid_from desc, ' ~ binary_order('candidates.bank_account_id'),
    ) }}
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
    from deciding
)

select * from final

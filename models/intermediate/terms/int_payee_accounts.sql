-- which bank account platforms pay into, as it is known on the day that the warehouse is looked at from
with

payee_accounts as (
    select * from {{ ref('payee_accounts') }}
),

known as (
    {{ known_terms(
        'payee_accounts',
        keys=['platform', 'platform_store_id'],
        columns=['platform', 'platform_store_id', 'bank_account_id', 'legal_entity', 'currency_code', 'merchant_of_record'],
    ) }}
),

final as (
    select
        {{ hashed_key(['platform', 'platform_store_id']) }} as payee_account_id,

        platform,
        platform_store_id,
        bank_account_id,
        legal_entity,
        currency_code,
        merchant_of_record,

        valid_from,
        valid_to
    from known
)

select * from final

-- A bank account is in the books of one entity, in one role, on each day: a deposit at it says nothing else of whose money it is.
{% set query -%}
    with

    payee_accounts as (
        select * from {{ ref('payee_accounts') }}
    ),

    known as (
        {{ known_terms(
            'payee_accounts',
            keys=['platform', 'platform_store_id'],
            columns=['bank_account_id', 'legal_entity', 'merchant_of_record'],
        ) }}
    ),

    payees as (
        select
            bank_account_id,
            {{ row_text(['legal_entity', 'merchant_of_record']) }} as books,
            valid_from,
            valid_to
        from known
    )

    select distinct
        payees.bank_account_id,
        payees.books,
        others.books as other_books
    from payees
    inner join payees as others
        on payees.bank_account_id = others.bank_account_id
        and {{ binary_order('payees.books') }} < {{ binary_order('others.books') }}
        and payees.valid_from <= others.valid_to
        and others.valid_from <= payees.valid_to
    order by 1, 2, 3
{%- endset %}
{{ rows_to_mend(
    query,
    'Rows of the seed payee_accounts put one account into two books on one day (account, entity and role of the one, of the other); '
    ~ 'correct the entity, the role or the days:'
) }}

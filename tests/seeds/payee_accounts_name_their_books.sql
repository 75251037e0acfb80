-- A row of payee_accounts says in whose books its payouts are: an entity of legal_entities where the role is coco, and another where it is
-- merchant. Of a row that says neither, orders, payouts and deposits would each make something else.
{% set query -%}
    with

    payees as (
        select * from {{ ref('payee_accounts') }}
    ),

    entities as (
        select * from {{ ref('legal_entities') }}
    )

    select
        {{ row_text([
            'payees.platform', 'payees.platform_store_id', 'payees.bank_account_id', 'payees.legal_entity', 'payees.merchant_of_record',
            'payees.valid_from',
        ]) }} as row_text,
        case
            when payees.merchant_of_record is null or payees.merchant_of_record not in ('coco', 'merchant')
                then 'of another role than coco and merchant'
            when coalesce({{ trimmed('payees.legal_entity') }}, '') = '' then 'without an entity'
            when payees.merchant_of_record = 'coco' then 'of role coco and not in legal_entities'
            else 'in legal_entities and not of role coco'
        end as complaint
    from payees
    left join entities on payees.legal_entity = entities.legal_entity
    where
        payees.merchant_of_record is null
        or payees.merchant_of_record not in ('coco', 'merchant')
        or coalesce({{ trimmed('payees.legal_entity') }}, '') = ''
        or (payees.merchant_of_record = 'coco') <> (entities.legal_entity is not null)
    order by 1
{%- endset %}
{{ rows_to_mend(
    query,
    'The seed payee_accounts does not say in whose books these rows are (platform, store, account, entity, role, first day); '
    ~ 'correct the entity or the role, or add the entity to legal_entities:'
) }}

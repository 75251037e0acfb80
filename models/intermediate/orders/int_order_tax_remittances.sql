{{ config(indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

with

documents as (
    select
        document_id,
        loaded_at,
        tax_remittance_platform_tax_remittance,
        tax_remittance_restaurant_tax_remittance,
        tax_remittance_courier_tax_remittance,
        tax_remittance_eater_tax_remittance
    from {{ ref('int_order_documents') }}
    where {{ is_newly_loaded() }}
),

lists as (
    {%- for remitter in ('platform', 'restaurant', 'courier', 'eater') %}
    select document_id, loaded_at, '{{ remitter }}' as remitter, tax_remittance_{{ remitter }}_tax_remittance as remittances
    from documents
    where tax_remittance_{{ remitter }}_tax_remittance is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

parsed as (
    {{ parse_array_leaves(
        'lists',
        ['document_id', 'loaded_at', 'remitter'],
        'remittances',
        money_breakdown_leaves(),
        path_prefix="'rawPlatformFinancials.taxRemittance.' || remitter || 'TaxRemittance[' || (position - 1) || '].'"
    ) }}
),

final as (
    select
        document_id,
        remitter,
        position as remittance_position,

        upper({{ trimmed('currency_code') }}) as currency_code,

        amount as amount_cents,

        rejecting_findings,
        other_findings,
        unknown_members,

        loaded_at
    from parsed
)

select * from final

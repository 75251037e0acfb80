{{ config(indexes=lookup_indexes(['document_id', 'order_id', 'loaded_at'])) }}

{%- set newly_loaded = is_newly_loaded() %}

with

documents as (
    select * from {{ ref('int_order_documents') }}
    where {{ newly_loaded }}
),

items as (
    select * from {{ ref('int_order_items') }}
    where {{ newly_loaded }}
),

modifiers as (
    select * from {{ ref('int_order_modifiers') }}
    where {{ newly_loaded }}
),

order_promotions as (
    select * from {{ ref('int_order_promotions') }}
    where {{ newly_loaded }}
),

consumers as (
    select * from {{ ref('int_order_consumers') }}
    where {{ newly_loaded }}
),

payment_methods as (
    select * from {{ ref('int_order_payment_methods') }}
    where {{ newly_loaded }}
),

tax_remittances as (
    select * from {{ ref('int_order_tax_remittances') }}
    where {{ newly_loaded }}
),

applied_discounts as (
    select * from {{ ref('int_order_applied_discounts') }}
    where {{ newly_loaded }}
),

coupons as (
    select * from {{ ref('int_order_coupons') }}
    where {{ newly_loaded }}
),

platform_promotions as (
    select * from {{ ref('int_order_platform_promotions') }}
    where {{ newly_loaded }}
),

promotion_items as (
    select * from {{ ref('int_order_promotion_items') }}
    where {{ newly_loaded }}
),

promotion_funding as (
    select * from {{ ref('int_order_promotion_funding') }}
    where {{ newly_loaded }}
),

found as (
    {%- for part in [
        'documents', 'items', 'modifiers', 'order_promotions', 'consumers', 'payment_methods', 'tax_remittances',
        'applied_discounts', 'coupons', 'platform_promotions', 'promotion_items', 'promotion_funding',
    ] %}
    select
        document_id,
        rejecting_findings,
        other_findings
    from {{ part }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

findings as (
    select
        document_id,
        {{ dbt.listagg('rejecting_findings', 'chr(10)', 'order by ' ~ binary_order('rejecting_findings')) }} as rejecting_findings,
        {{ dbt.listagg('other_findings', 'chr(10)', 'order by ' ~ binary_order('other_findings')) }} as other_findings
    from found
    where rejecting_findings is not null or other_findings is not null
    group by document_id
),

final as (
    select
        documents.document_id,
        documents.id as order_id,

        documents.received_from,
        documents.source_file_name,
        documents.source_row_number,
        {{ lowered(trimmed('documents.store_platform')) }} as platform,
        {{ trimmed('documents.store_external_id') }} as partner_store_code,
        coalesce(documents.document_error, findings.rejecting_findings) as rejecting_findings,
        findings.other_findings,

        documents.document_error is null and findings.rejecting_findings is null as is_valid,

        documents.details_placed_at as placed_at,
        documents.updated_at,
        documents.received_at,
        documents.loaded_at
    from documents
    left join findings on documents.document_id = findings.document_id
)

select * from final

with

documents as (
    select * from {{ ref('int_order_documents') }}
    where received_at <= {{ as_of_timestamp() }}
),

items as (
    select * from {{ ref('int_order_items') }}
),

modifiers as (
    select * from {{ ref('int_order_modifiers') }}
),

order_promotions as (
    select * from {{ ref('int_order_promotions') }}
),

consumers as (
    select * from {{ ref('int_order_consumers') }}
),

payment_methods as (
    select * from {{ ref('int_order_payment_methods') }}
),

tax_remittances as (
    select * from {{ ref('int_order_tax_remittances') }}
),

applied_discounts as (
    select * from {{ ref('int_order_applied_discounts') }}
),

coupons as (
    select * from {{ ref('int_order_coupons') }}
),

platform_promotions as (
    select * from {{ ref('int_order_platform_promotions') }}
),

promotion_items as (
    select * from {{ ref('int_order_promotion_items') }}
),

promotion_funding as (
    select * from {{ ref('int_order_promotion_funding') }}
),

found as (
    select document_id, rejecting_findings, other_findings from documents
    union all
    select document_id, rejecting_findings, other_findings from items
    union all
    select document_id, rejecting_findings, other_findings from modifiers
    union all
    select document_id, rejecting_findings, other_findings from order_promotions
    union all
    select document_id, rejecting_findings, other_findings from consumers
    union all
    select document_id, rejecting_findings, other_findings from payment_methods
    union all
    select document_id, rejecting_findings, other_findings from tax_remittances
    union all
    select document_id, rejecting_findings, other_findings from applied_discounts
    union all
    select document_id, rejecting_findings, other_findings from coupons
    union all
    select document_id, rejecting_findings, other_findings from platform_promotions
    union all
    select document_id, rejecting_findings, other_findings from promotion_items
    union all
    select document_id, rejecting_findings, other_findings from promotion_funding
),

findings as (
    select
        document_id,
        string_agg(rejecting_findings, chr(10) order by {{ binary_order('rejecting_findings') }}) as rejecting_findings,
        string_agg(other_findings, chr(10) order by {{ binary_order('other_findings') }}) as other_findings
    from found
    where rejecting_findings is not null or other_findings is not null
    group by document_id
),

judged as (
    select
        documents.document_id,
        documents.id as order_id,
        documents.received_from,
        documents.source_file_name,
        documents.source_row_number,
        coalesce(documents.document_error, findings.rejecting_findings) as rejecting_findings,
        findings.other_findings,
        documents.document_error is null and findings.rejecting_findings is null as is_valid,
        documents.updated_at,
        documents.received_at,
        documents.loaded_at
    from documents
    left join findings on documents.document_id = findings.document_id
),

-- the latest valid version stands: by the document's own time, then by receipt
ranked as (
    select
        judged.*,
        row_number() over (
            partition by order_id, is_valid
            order by updated_at desc, received_at desc, loaded_at desc, source_row_number desc, {{ binary_order('document_id') }} desc
        ) as recency
    from judged
),

final as (
    select
        document_id,
        order_id,

        received_from,
        source_file_name,
        source_row_number,
        case
            when not is_valid then 'rejected'
            when recency = 1 then 'standing'
            else 'superseded'
        end as version_state,
        rejecting_findings,
        other_findings,

        updated_at,
        received_at,
        loaded_at
    from ranked
)

select * from final

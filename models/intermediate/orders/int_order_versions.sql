with

documents as (
    select * from {{ ref('int_order_documents') }}
    where received_at <= {{ as_of_timestamp() }}
),

items as (
    select * from {{ ref('int_order_items') }}
),

promotions as (
    select * from {{ ref('int_order_promotions') }}
),

platform_promotions as (
    select * from {{ ref('int_order_platform_promotions') }}
),

promotion_funding as (
    select * from {{ ref('int_order_promotion_funding') }}
),

found as (
    select document_id, 1 as part, cast(0 as bigint) as place, cast(0 as bigint) as inner_place, rejecting_findings, other_findings from documents
    union all
    select document_id, 2, item_position, 0, rejecting_findings, other_findings from items
    union all
    select document_id, 3, promotion_position, 0, rejecting_findings, other_findings from promotions
    union all
    select document_id, 4, promotion_position, 0, rejecting_findings, other_findings from platform_promotions
    union all
    select document_id, 5, promotion_position, split_position, rejecting_findings, other_findings from promotion_funding
),

findings as (
    select
        document_id,
        string_agg(rejecting_findings, chr(10) order by part, place, inner_place) as rejecting_findings,
        string_agg(other_findings, chr(10) order by part, place, inner_place) as other_findings
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

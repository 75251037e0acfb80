{{ config(materialized='table') }}

with

unknown_members as (
    select * from {{ ref('int_order_unknown_members') }}
),

versions as (
    select * from {{ ref('int_order_versions') }}
),

kinds as (
    select
        unknown_members.member_path,
        unknown_members.kind_found,
        count(*) as document_count,
        cast(sum(unknown_members.occurrence_count) as bigint) as occurrence_count,
        min({{ binary_order('unknown_members.document_id') }}) as example_document_id,
        min(versions.received_at) as first_seen_at,
        max(versions.received_at) as last_seen_at
    from unknown_members
    inner join versions on unknown_members.document_id = versions.document_id
    group by unknown_members.member_path, unknown_members.kind_found
),

final as (
    select
        member_path,
        kind_found,
        example_document_id,

        document_count,
        occurrence_count,

        first_seen_at,
        last_seen_at
    from kinds
)

select * from final

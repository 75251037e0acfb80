-- Law 1. Every landed document stands, is superseded or is rejected, and is so once.
with

files as (
    select * from {{ ref('stg_coco_load__loaded_files') }}
),

documents as (
    select * from {{ ref('stg_order_api__order_documents') }}
),

landed as (
    select count(*) as landed_count
    from documents
    left join files on documents.source_file_hash = files.source_file_hash
    where
        documents.loaded_at <= {{ as_of_timestamp() }}
        and (documents.source_file_hash is null or files.source_file_hash is not null)
),

judged as (
    select
        count(case when version_state = 'standing' then 1 end) as standing_count,
        count(case when version_state = 'superseded' then 1 end) as superseded_count,
        count(case when version_state = 'rejected' then 1 end) as rejected_count
    from {{ ref('int_order_versions') }}
),

marts as (
    select
        (select count(*) from {{ ref('orders') }}) as order_count,
        (select count(*) from {{ ref('rejected_order_documents') }}) as rejected_document_count
),

final as (
    select
        landed.*,
        judged.*,
        marts.*
    from landed
    cross join judged
    cross join marts
    where
        landed.landed_count <> judged.standing_count + judged.superseded_count + judged.rejected_count
        or marts.order_count <> judged.standing_count
        or marts.rejected_document_count <> judged.rejected_count
)

select * from final

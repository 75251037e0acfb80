{{ config(schema='restricted', indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

with

landed as (
    select * from {{ ref('stg_order_api__order_documents') }}
),

loaded_files as (
    select * from {{ ref('stg_coco_load__loaded_files') }}
),

-- the rows of a file that is not named in loaded_files belong to a load that was cut off
complete as (
    select
        landed.document_id,
        landed.received_from,
        landed.document_error,
        landed.source_file_name,
        landed.source_row_number,
        landed.received_at,
        landed.loaded_at,
        case
            when landed.document_error is not null then null
            when landed.source_file_hash is not null or {{ is_json('landed.document') }} then landed.document
        end as readable_document
    from landed
    left join loaded_files on landed.source_file_hash = loaded_files.source_file_hash
    where
        (landed.source_file_hash is null or loaded_files.source_file_hash is not null)
        and landed.loaded_at <= {{ as_of_timestamp() }}
        and {{ is_newly_loaded('landed.loaded_at') }}
),

parsed as (
    {{ parse_leaves(
        'complete',
        ['document_id', 'received_from', 'document_error', 'source_file_name', 'source_row_number', 'received_at', 'loaded_at'],
        'readable_document',
        order_document_leaves(),
        with_personal=true,
        with_unknown=true
    ) }}
),

final as (
    select * from parsed
)

select * from final

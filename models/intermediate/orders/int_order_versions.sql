{{ config(
    incremental_strategy='delete+insert',
    unique_key='document_id',
    indexes=lookup_indexes(['document_id', 'order_id', 'loaded_at']),
) }}

with

verdicts as (
    select * from {{ ref('int_order_document_verdicts') }}
),

{% if is_incremental() -%}
-- named apart from what is held: read as one, all of that would be read first
newly_loaded as (
    select * from {{ ref('int_order_document_verdicts') }}
    where {{ is_newly_loaded() }}
),

-- a new document can change the state of every other document of its order
affected as (
    select * from verdicts
    where order_id in (select newly_loaded.order_id from newly_loaded)
    union all
    select * from newly_loaded
    where order_id is null
),
{%- else -%}
affected as (
    select * from verdicts
),
{%- endif %}

-- the latest valid version stands: by the document's own time, then by receipt, which is the load where nothing tells of one; no other load
-- counts, so that any order of loading gives the same version
ranked as (
    select
        affected.*,
        row_number() over (
            partition by order_id, is_valid
            order by
                updated_at desc nulls last,
                received_at desc nulls last,
                case when received_at is null then loaded_at end desc nulls last,
                source_row_number desc nulls last,
                {{ binary_order('document_id') }} desc
        ) as recency
    from affected
),

final as (
    select
        document_id,
        order_id,

        received_from,
        source_file_name,
        source_row_number,
        platform,
        partner_store_code,
        case
            when not is_valid then 'rejected'
            when recency = 1 then 'standing'
            else 'superseded'
        end as version_state,
        rejecting_findings,
        other_findings,

        placed_at,
        updated_at,
        received_at,
        loaded_at
    from ranked
)

select * from final

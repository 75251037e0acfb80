{{ config(incremental_strategy='delete+insert', unique_key='order_id', indexes=lookup_indexes(['order_id', 'loaded_at'])) }}

{#- an amount a row: its path, what it was and what it is -#}
{%- set compared = [] -%}
{%- for path in amount_leaves() -%}
{%- do compared.append(["'" ~ path ~ "'", 'previous_' ~ leaf_column(path), leaf_column(path)]) -%}
{%- endfor %}

with

valid_versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state <> 'rejected'
),

-- a version that arrives late stands between others: all changes of its order are worked out anew
-- (named apart from what is held: read as one, all of that would be read first)
restated_orders as (
    select distinct order_id
    from {{ ref('int_order_versions') }}
    where version_state <> 'rejected' and {{ is_newly_loaded() }}
),

versions as (
    select valid_versions.*
    from valid_versions
    inner join restated_orders on valid_versions.order_id = restated_orders.order_id
),

documents as (
    select * from {{ ref('int_order_documents') }}
),

amounts as (
    select
        versions.order_id,
        versions.document_id,
        {%- for path in amount_leaves() %}
        documents.{{ leaf_column(path) }},
        {%- endfor %}
        versions.updated_at,
        versions.received_at,
        versions.loaded_at,
        cast(
            row_number() over (
                partition by versions.order_id
                order by
                    versions.updated_at nulls first,
                    versions.received_at nulls first,
                    case when versions.received_at is null then versions.loaded_at end nulls first,
                    versions.source_row_number nulls first,
                    {{ binary_order('versions.document_id') }}
            ) as bigint
        ) as version_number
    from versions
    inner join documents on versions.document_id = documents.document_id {{ and_loaded_together('versions', 'documents') }}
),

pairs as (
    select
        later.order_id,
        later.document_id,
        earlier.document_id as previous_document_id,
        later.version_number,
        {%- for path in amount_leaves() %}
        earlier.{{ leaf_column(path) }} as previous_{{ leaf_column(path) }},
        later.{{ leaf_column(path) }},
        {%- endfor %}
        later.updated_at,
        later.received_at,
        later.loaded_at
    from amounts as later
    inner join amounts as earlier
        on later.order_id = earlier.order_id
        and later.version_number = earlier.version_number + 1
),

amounts_of_pairs as (
    {{ several_rows(
        'pairs',
        ['order_id', 'document_id', 'previous_document_id', 'version_number', 'updated_at', 'received_at', 'loaded_at'],
        ['amount_path', 'previous_cents', 'new_cents'],
        compared
    ) }}
),

final as (
    select
        order_id,
        document_id,
        amount_path,
        previous_document_id,

        version_number,

        previous_cents,
        new_cents,
        coalesce(new_cents, 0) - coalesce(previous_cents, 0) as change_cents,

        updated_at,
        received_at,
        loaded_at
    from amounts_of_pairs
    where previous_cents is distinct from new_cents
)

select * from final

{{ config(schema='restricted', indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

with

parents as (
    select
        document_id,
        loaded_at,
        details_consumers
    from {{ ref('int_order_documents') }}
    where {{ is_newly_loaded() }}
),

parsed as (
    {{ parse_array_leaves(
        'parents',
        ['document_id', 'loaded_at'],
        'details_consumers',
        consumer_leaves(),
        path_prefix="'details.consumers[' || (position - 1) || '].'",
        with_personal=true
    ) }}
),

final as (
    select
        document_id,
        position as consumer_position,

        id as consumer_id,
        name as consumer_name,
        email,
        phone,
        code as phone_code,

        rejecting_findings,
        other_findings,
        unknown_members,

        loaded_at
    from parsed
)

select * from final

{{ config(schema='restricted') }}

with

parents as (
    select
        document_id,
        details_consumers
    from {{ ref('int_order_documents') }}
),

opened as (
    {{ open_array('parents', ['document_id'], 'details_consumers') }}
),

parsed as (
    {{ parse_leaves(
        'opened',
        ['document_id', 'position'],
        'element',
        consumer_leaves(),
        path_prefix="'details.consumers[' || (position - 1) || '].'", with_personal=true
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
        other_findings
    from parsed
)

select * from final

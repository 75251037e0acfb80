-- the leaves of the versions that stood before, when the order was already to be judged; here order_id is the id of the version
with

earlier_versions as (
    select
        document_id as order_id,
        document_id,
        received_at
    from {{ ref('int_order_version_periods') }}
    where not is_standing and not is_too_early
),

final as (
    {{ order_amounts('earlier_versions') }}
)

select * from final

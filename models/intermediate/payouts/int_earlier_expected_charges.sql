-- what was expected of the versions that stood before, worked out as for those that stand; only of restated ones, and here order_id is
-- the id of the version
with

restated_versions as (
    select
        document_id as order_id,
        document_id,
        platform,
        partner_store_code,
        placed_at,
        received_at
    from {{ ref('int_restated_versions') }}
    where not is_standing
),

earlier_amounts as (
    select * from {{ ref('int_earlier_order_amounts') }}
),

restated_amounts as (
    select earlier_amounts.*
    from earlier_amounts
    inner join restated_versions on earlier_amounts.order_id = restated_versions.order_id
),

restated_stores as (
    {{ order_stores('restated_versions') }}
),

restated_terms as (
    {{ order_terms('restated_amounts', 'restated_stores') }}
),

restated_expected_amounts as (
    {{ expected_amounts('restated_amounts', 'restated_stores', 'restated_terms') }}
),

final as (
    {{ expected_charges('restated_expected_amounts') }}
)

select * from final

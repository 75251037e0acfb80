-- The version that stands says what expected_charges says, row for row; and the changes of a charge sum from its first version to the
-- one that stands.
with

expected_charges as (
    select * from {{ ref('expected_charges') }}
),

versions as (
    select * from {{ ref('expected_charge_versions') }}
),

standing as (
    select * from versions
    where is_standing and expectation_basis is not null
),

unequal as (
    select
        coalesce(expected_charges.order_id, standing.order_id) as order_id,
        coalesce(expected_charges.charge_type, standing.charge_type) as charge_type,
        'not as in expected_charges' as reason
    from expected_charges
    full outer join standing
        on expected_charges.order_id = standing.order_id
        and expected_charges.charge_type = standing.charge_type
    where
        standing.order_id is null
        or expected_charges.order_id is null
        or coalesce(expected_charges.expected_cents, -1) <> coalesce(standing.expected_cents, -1)
        or (expected_charges.expected_cents is null) <> (standing.expected_cents is null)
        or expected_charges.document_id <> standing.document_id
),

first_and_last as (
    select
        order_id,
        coalesce(sum(case when version_number = 1 then expected_cents end), 0) as first_cents,
        coalesce(sum(change_cents), 0) as change_cents,
        coalesce(sum(case when is_standing then expected_cents end), 0) as last_cents
    from versions
    group by order_id
    having sum(case when expected_cents is null then 1 else 0 end) = 0 and sum(case when is_standing then 1 else 0 end) > 0
),

final as (
    select * from unequal
    union all
    select
        order_id,
        'every charge' as charge_type,
        'changes do not sum to what stands' as reason
    from first_and_last
    where first_cents + change_cents <> last_cents
)

select * from final

-- the named leaves that bases are built from: docs/expected_ledger.md
with

standing_versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing'
),

final as (
    {{ order_amounts('standing_versions') }}
)

select * from final

-- Law 4. The fee audit holds what the sale of each order claims of its fees: stated less expected is the sum of their component claims.
with

claims as (
    select * from {{ ref('reconciliation_claims') }}
),

audited as (
    select
        store_id,
        currency_code,
        charge_type,
        sum(stated_cents - expected_cents) as audited_cents
    from {{ ref('fee_audit') }}
    group by store_id, currency_code, charge_type
),

-- of an order that is still open nothing is expected, so that nobody can know its fees
unknown as (
    select order_id
    from {{ ref('expected_charges') }}
    where expectation_basis = 'unknown'
    union
    select order_id
    from {{ ref('orders') }}
    where order_status in ('new', 'future')
),

claimed as (
    select
        claims.store_id,
        claims.currency_code,
        claims.charge_type,
        sum(claims.claimed_cents) as claimed_cents
    from claims
    left join unknown on claims.order_id = unknown.order_id
    where
        claims.claim_level = 'component'
        and claims.charge_type in ('commission', 'delivery_commission', 'processing_fee')
        and claims.store_id is not null
        and unknown.order_id is null
    group by claims.store_id, claims.currency_code, claims.charge_type
),

final as (
    select
        coalesce(audited.store_id, claimed.store_id) as store_id,
        coalesce(audited.charge_type, claimed.charge_type) as charge_type,
        audited.audited_cents,
        claimed.claimed_cents
    from audited
    full outer join claimed
        on audited.store_id = claimed.store_id
        and audited.currency_code = claimed.currency_code
        and audited.charge_type = claimed.charge_type
    where coalesce(audited.audited_cents, 0) <> coalesce(claimed.claimed_cents, 0)
)

select * from final

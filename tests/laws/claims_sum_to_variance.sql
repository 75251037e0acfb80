-- Law 4. Every cent of an order's variance is claimed once: the claims of an order in its currency sum to its variance.
with

order_reconciliation as (
    select * from {{ ref('order_reconciliation') }}
    where order_id is not null
),

claims as (
    select
        order_id,
        currency_code,
        sum(claimed_cents) as claimed_cents
    from {{ ref('reconciliation_claims') }}
    where order_id is not null
    group by order_id, currency_code
),

final as (
    select
        order_reconciliation.order_id,
        order_reconciliation.variance_cents,
        claims.claimed_cents
    from order_reconciliation
    left join claims
        on order_reconciliation.order_id = claims.order_id
        and coalesce(order_reconciliation.currency_code, '') = coalesce(claims.currency_code, '')
    where order_reconciliation.variance_cents <> coalesce(claims.claimed_cents, 0)
)

select * from final

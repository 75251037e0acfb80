-- Law 4. Every cent of variance is claimed once: the claims of an order, and of the lines that name an order and cannot be set beside it,
-- sum to its variance.
with

order_reconciliation as (
    select * from {{ ref('order_reconciliation') }}
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
),

reconciliation_claims as (
    select * from {{ ref('reconciliation_claims') }}
),

-- a line in another currency than its order, or in one that nobody knows, stands by itself, and currencies are never added
claims as (
    select
        case
            when
                reconciliation_claims.order_id is null
                or (reconciliation_claims.claim_level = 'line' and reconciliation_claims.break_class = 'currency_mismatch')
                then 'statement:' || statement_lines.statement_order_id
            else reconciliation_claims.order_id
        end as claimed_of,
        coalesce(reconciliation_claims.currency_code, '') as currency_code,
        reconciliation_claims.claimed_cents
    from reconciliation_claims
    left join statement_lines on reconciliation_claims.statement_line_id = statement_lines.statement_line_id
),

summed as (
    select
        claimed_of,
        currency_code,
        sum(claimed_cents) as claimed_cents
    from claims
    where claimed_of is not null
    group by claimed_of, currency_code
),

reconciled as (
    select
        reconciliation_id,
        coalesce(order_id, 'statement:' || statement_order_id) as claimed_of,
        coalesce(currency_code, '') as currency_code,
        variance_cents
    from order_reconciliation
),

final as (
    select
        coalesce(reconciled.reconciliation_id, summed.claimed_of) as reconciliation_id,
        coalesce(reconciled.currency_code, summed.currency_code) as currency_code,
        reconciled.variance_cents,
        summed.claimed_cents
    from reconciled
    full outer join summed
        on reconciled.claimed_of = summed.claimed_of
        and reconciled.currency_code = summed.currency_code
    where coalesce(reconciled.variance_cents, 0) <> coalesce(summed.claimed_cents, 0)
)

select * from final

-- Law 4. Every cent of variance is claimed once: the claims of an order, and of the lines that name an order and cannot be set beside it,
-- sum to its variance.
with

order_reconciliation as (
    select * from {{ ref('order_reconciliation') }}
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
),

-- a line in another currency than its order, or in one that nobody knows, stands by itself
claims as (
    select
        case
            when claims.order_id is null or (claims.claim_level = 'line' and claims.break_class = 'currency_mismatch')
                then 'statement:' || statement_lines.statement_order_id
            else claims.order_id
        end as reconciliation_id,
        claims.currency_code,
        claims.claimed_cents
    from {{ ref('reconciliation_claims') }} as claims
    left join statement_lines on claims.statement_line_id = statement_lines.statement_line_id
),

summed as (
    select
        reconciliation_id,
        min(coalesce(currency_code, '')) as first_currency_code,
        max(coalesce(currency_code, '')) as last_currency_code,
        sum(claimed_cents) as claimed_cents
    from claims
    where reconciliation_id is not null
    group by reconciliation_id
),

final as (
    select
        coalesce(order_reconciliation.reconciliation_id, summed.reconciliation_id) as reconciliation_id,
        order_reconciliation.variance_cents,
        summed.claimed_cents
    from order_reconciliation
    full outer join summed on order_reconciliation.reconciliation_id = summed.reconciliation_id
    where
        coalesce(order_reconciliation.variance_cents, 0) <> coalesce(summed.claimed_cents, 0)
        or summed.first_currency_code <> coalesce(order_reconciliation.currency_code, '')
        or summed.last_currency_code <> coalesce(order_reconciliation.currency_code, '')
)

select * from final

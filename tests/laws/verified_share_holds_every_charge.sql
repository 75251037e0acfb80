-- Law 4. What the verified share divides is all that is stated as expected and every cent that a line or a sale claims, by platform
-- and currency.
with

orders as (
    select * from {{ ref('orders') }}
),

components as (
    select * from {{ ref('int_order_components') }}
),

shares as (
    select
        platform,
        currency_code,
        sum(contract_cents) + sum(document_cents) as verified_cents,
        sum(explained_cents) + sum(unverified_cents) + sum(unexplained_cents) as claimed_cents
    from {{ ref('verified_share') }}
    group by platform, currency_code
),

stated as (
    select
        orders.platform,
        orders.currency_code,
        sum(
            case
                when components.is_unknown then 0
                else abs(components.stated_cents) + abs(components.expected_cents) - abs(components.residual_cents)
            end
        ) as agreed_twice_cents
    from components
    inner join orders on components.order_id = orders.order_id
    group by orders.platform, orders.currency_code
),

claims as (
    select
        platform,
        currency_code,
        sum(abs(claimed_cents)) as claimed_cents
    from {{ ref('reconciliation_claims') }}
    where claim_level in ('line', 'component')
    group by platform, currency_code
),

-- what stands on one side only is a difference too, so none of them is where the others are joined to
compared as (
    select
        platform,
        currency_code,
        verified_cents * 2 as verified_twice_cents,
        0 as agreed_twice_cents,
        claimed_cents,
        0 as ledger_claimed_cents
    from shares
    union all
    select
        platform,
        currency_code,
        0 as verified_twice_cents,
        agreed_twice_cents,
        0 as claimed_cents,
        0 as ledger_claimed_cents
    from stated
    union all
    select
        platform,
        currency_code,
        0 as verified_twice_cents,
        0 as agreed_twice_cents,
        0 as claimed_cents,
        claimed_cents as ledger_claimed_cents
    from claims
),

final as (
    select
        platform,
        currency_code,
        sum(verified_twice_cents) as verified_twice_cents,
        sum(agreed_twice_cents) as agreed_twice_cents,
        sum(claimed_cents) as claimed_cents,
        sum(ledger_claimed_cents) as ledger_claimed_cents
    from compared
    group by platform, currency_code
    having
        sum(verified_twice_cents) <> sum(agreed_twice_cents)
        or sum(claimed_cents) <> sum(ledger_claimed_cents)
)

select * from final

-- Law 4. What the verified share divides is all that is stated as expected and every cent that a line or a sale claims, by platform
-- and currency.
with

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
    from {{ ref('int_order_components') }} as components
    inner join {{ ref('orders') }} as orders on components.order_id = orders.order_id
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

final as (
    select
        shares.platform,
        shares.currency_code,
        shares.verified_cents,
        stated.agreed_twice_cents,
        shares.claimed_cents,
        claims.claimed_cents as ledger_claimed_cents
    from shares
    left join stated on shares.platform = stated.platform and coalesce(shares.currency_code, '') = coalesce(stated.currency_code, '')
    left join claims on shares.platform = claims.platform and coalesce(shares.currency_code, '') = coalesce(claims.currency_code, '')
    where
        shares.verified_cents * 2 <> coalesce(stated.agreed_twice_cents, 0)
        or shares.claimed_cents <> coalesce(claims.claimed_cents, 0)
)

select * from final

with

payout_deposits as (
    select * from {{ ref('int_payout_deposits') }}
),

final as (
    select
        payout_id,
        deposit_id,

        match_method,
        match_reason,

        allocated_cents
    from payout_deposits
)

select * from final

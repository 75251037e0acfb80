with

payouts as (
    select * from {{ ref('int_payout_settlements') }}
),

final as (
    select
        payout_id,
        payout_reference,
        clearing_payout_id,
        store_id,
        merchant_id,
        bank_account_id,

        platform,
        legal_entity,
        merchant_of_record,
        currency_code,
        payout_state,
        statement_line_count,
        deposit_count,

        stated_cents,
        carry_in_cents,
        due_cents,
        carry_out_cents,
        summary_cents,
        stated_cents - summary_cents as summary_difference_cents,
        deposited_cents,
        in_transit_cents,

        is_derived,
        is_traced,

        pay_period_start_date,
        pay_period_end_date,
        payout_date,
        due_date,
        overdue_after_date,
        first_loaded_at
    from payouts
)

select * from final

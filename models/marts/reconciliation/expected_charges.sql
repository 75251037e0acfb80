with

expected_charges as (
    select * from {{ ref('int_expected_charges') }}
),

final as (
    select
        order_id,
        charge_type,
        document_id,
        store_id,
        merchant_id,
        fee_schedule_id,
        tax_facilitation_id,
        platform,
        currency_code,
        expectation_basis,
        expectation_rule,
        rate_bps,
        base_cents,
        expected_cents,
        order_date,
        known_from_at
    from expected_charges
)

select * from final

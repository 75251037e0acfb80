with

expected_amounts as (
    select * from {{ ref('int_expected_amounts') }}
    where payment_rule <> 'not_yet'
),

charge_types as (
    select * from {{ ref('charge_types') }}
    where charge_type in ({% for charge_type in expected_charge_types() %}'{{ charge_type }}'{{ ', ' if not loop.last }}{% endfor %})
),

charges as (
    select
        expected_amounts.order_id,
        expected_amounts.document_id,
        expected_amounts.fee_schedule_id,
        expected_amounts.tax_facilitation_id,
        expected_amounts.store_id,
        expected_amounts.merchant_id,
        expected_amounts.platform,
        expected_amounts.currency_code,
        expected_amounts.order_date,
        expected_amounts.tax_presentation,
        expected_amounts.payment_rule,
        charge_types.charge_type,
        expected_amounts.commission_base,
        expected_amounts.commission_base_cents,
        expected_amounts.commission_rate_bps,
        expected_amounts.delivery_commission_rate_bps,
        expected_amounts.processing_base,
        expected_amounts.processing_base_cents,
        expected_amounts.processing_rate_bps,
        expected_amounts.withheld_share_bps,
        expected_amounts.items_cents,
        expected_amounts.document_tax_cents,
        case
            when expected_amounts.payment_rule = 'unpaid' then case when charge_types.charge_type = 'sales' then 0 end
            when expected_amounts.payment_rule = 'paid'
                then case charge_types.charge_type
                    {%- for charge_type in expected_charge_types() %}
                    when '{{ charge_type }}' then expected_amounts.{{ charge_type }}_cents
                    {%- endfor %}
                end
        end as expected_cents,
        expected_amounts.received_at
    from expected_amounts
    cross join charge_types
),

-- no row for a charge of nothing, save the nothing that an unpaid order should bring
kept as (
    select * from charges
    where
        (payment_rule = 'unpaid' and charge_type = 'sales')
        or (payment_rule = 'paid' and (expected_cents is null or expected_cents <> 0))
        or (payment_rule = 'unknown' and charge_type = 'sales')
),

final as (
    select
        kept.order_id,
        kept.charge_type,
        kept.document_id,
        kept.store_id,
        kept.merchant_id,
        case when kept.charge_type in ('commission', 'delivery_commission', 'processing_fee') then kept.fee_schedule_id end as fee_schedule_id,
        case when kept.charge_type in ('tax', 'tax_withheld') then kept.tax_facilitation_id end as tax_facilitation_id,

        kept.platform,
        kept.currency_code,
        case
            when kept.expected_cents is null then 'unknown'
            when kept.charge_type in ('commission', 'delivery_commission', 'processing_fee', 'tax', 'tax_withheld') then 'contract'
            when kept.payment_rule = 'unpaid' then 'contract'
            else 'document'
        end as expectation_basis,
        case
            when kept.payment_rule = 'unpaid' then 'cancelled or rejected order that is not paid'
            when kept.payment_rule = 'unknown' then 'cancelled by a side that cancellation_rules does not name'
            when kept.charge_type = 'commission' then kept.commission_base
            when kept.charge_type = 'delivery_commission' then 'items'
            when kept.charge_type = 'processing_fee' then kept.processing_base
            when kept.charge_type in ('tax', 'tax_withheld') then 'sales tax of the document'
            else 'as the document states it'
        end as expectation_rule,
        case kept.charge_type
            when 'commission' then kept.commission_rate_bps
            when 'delivery_commission' then kept.delivery_commission_rate_bps
            when 'processing_fee' then kept.processing_rate_bps
            when 'tax_withheld' then kept.withheld_share_bps
            when 'tax' then case when kept.tax_presentation = 'net' then 10000 - kept.withheld_share_bps end
        end as rate_bps,

        case kept.charge_type
            when 'commission' then kept.commission_base_cents
            when 'delivery_commission' then kept.items_cents
            when 'processing_fee' then kept.processing_base_cents
            when 'tax_withheld' then kept.document_tax_cents
            when 'tax' then kept.document_tax_cents
        end as base_cents,
        kept.expected_cents,

        kept.order_date,
        kept.received_at as known_from_at
    from kept
)

select * from final

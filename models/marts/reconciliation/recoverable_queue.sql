with

exceptions as (
    select
        *,
        coalesce(dispute_deadline_date < cast({{ as_of_timestamp() }} as date), false) as is_past_deadline
    from {{ ref('reconciliation_exceptions') }}
    where is_recoverable and open_cents < 0 and status in ('open', 'in_dispute', 'reopened')
),

exception_items as (
    select * from {{ ref('exception_items') }}
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
),

orders as (
    select * from {{ ref('orders') }}
),

expected_charges as (
    select * from {{ ref('expected_charges') }}
),

break_classes as (
    select * from {{ ref('break_classes') }}
),

charges as (
    select
        exception_id,
        order_id,
        charge_type,
        max(case when claim_level <> 'line' then order_id end) as expected_order_id,
        {{ sum_cents('item_cents') }} as item_cents
    from exception_items
    group by exception_id, order_id, charge_type
),

-- the rule that each charge was held against; what a line of its own claims (a refund, a dispute's fee, ads) is held against none
rules as (
    select
        charges.exception_id,
        {{ dbt.listagg('charges.charge_type', "', '", 'order by ' ~ binary_order('charges.charge_type')) }} as charge_types,
        {{ dbt.listagg(
            "expected_charges.charge_type || ': ' || expected_charges.expectation_rule"
            ~ " || coalesce(' at ' || cast(expected_charges.rate_bps as " ~ dbt.type_string() ~ ") || ' bps', '')"
            ~ " || coalesce(' of schedule ' || expected_charges.fee_schedule_id, '')",
            "', '",
            'order by ' ~ binary_order('charges.charge_type')
        ) }} as expectation_rules
    from charges
    left join expected_charges
        on charges.expected_order_id = expected_charges.order_id
        and charges.charge_type = expected_charges.charge_type
    where charges.item_cents <> 0
    group by charges.exception_id
),

final as (
    select
        exceptions.exception_id,
        exceptions.order_id,
        exceptions.statement_line_id,
        exceptions.payout_id,
        exceptions.store_id,
        exceptions.merchant_id,

        exceptions.platform,
        exceptions.legal_entity,
        exceptions.currency_code,
        exceptions.break_class,
        break_classes.break_class_name,
        break_classes.holds_when as break_rule,
        rules.charge_types,
        rules.expectation_rules,
        coalesce(orders.platform_order_id, statement_lines.platform_order_id) as platform_order_id,
        orders.readable_order_number,
        statement_lines.platform_transaction_id,
        statement_lines.source_file_name,
        statement_lines.source_file_hash,
        statement_lines.source_row_number,
        exceptions.status,
        exceptions.owner,
        exceptions.evidence_reference,
        exceptions.next_step,
        cast({{ days_between('cast(' ~ as_of_timestamp() ~ ' as date)', 'exceptions.dispute_deadline_date') }} as bigint) as days_left,
        cast(
            row_number() over (
                order by
                    case when exceptions.is_past_deadline then 1 else 0 end,
                    coalesce(exceptions.dispute_deadline_date, date '9999-12-31'),
                    exceptions.open_cents,
                    {{ binary_order('exceptions.exception_id') }}
            ) as bigint
        ) as queue_rank,

        exceptions.open_cents,
        -exceptions.open_cents as recoverable_cents,

        exceptions.is_past_deadline,

        exceptions.posting_date,
        exceptions.due_date,
        exceptions.dispute_deadline_date
    from exceptions
    left join rules on exceptions.exception_id = rules.exception_id
    left join statement_lines on exceptions.statement_line_id = statement_lines.statement_line_id
    left join orders on exceptions.order_id = orders.order_id
    left join break_classes on exceptions.break_class = break_classes.break_class
)

select * from final

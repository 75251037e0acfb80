-- the sale of each order, charge by charge: what its lines state beside what was expected
with

line_classes as (
    select * from {{ ref('int_line_classes') }}
    where is_sale
),

expected_charges as (
    select * from {{ ref('int_expected_charges') }}
),

sales as (
    select
        order_id,
        charge_type,
        {{ sum_cents('stated_cents') }} as stated_cents
    from line_classes
    group by order_id, charge_type
),

stated_orders as (
    select distinct order_id
    from line_classes
),

expected as (
    select
        expected_charges.order_id,
        expected_charges.charge_type,
        expected_charges.expected_cents,
        expected_charges.expectation_basis
    from expected_charges
    inner join stated_orders on expected_charges.order_id = stated_orders.order_id
),

final as (
    select
        coalesce(sales.order_id, expected.order_id) as order_id,
        coalesce(sales.charge_type, expected.charge_type) as charge_type,

        coalesce(expected.expectation_basis = 'unknown', false) as is_unknown,

        coalesce(sales.stated_cents, 0) as stated_cents,
        coalesce(expected.expected_cents, 0) as expected_cents,
        coalesce(sales.stated_cents, 0) - coalesce(expected.expected_cents, 0) as residual_cents
    from sales
    full outer join expected
        on sales.order_id = expected.order_id
        and sales.charge_type = expected.charge_type
)

select * from final

-- the sale of each order, charge by charge: what its lines state beside what was expected
with

line_classes as (
    select * from {{ ref('int_line_classes') }}
    where is_sale
),

expected_charges as (
    select * from {{ ref('int_expected_charges') }}
),

-- as far as its document says, such an order is still open: what a platform states of it, nobody could know
open_orders as (
    select * from {{ ref('int_expected_amounts') }}
    where payment_rule = 'not_yet'
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

compared as (
    select
        coalesce(sales.order_id, expected.order_id) as order_id,
        coalesce(sales.charge_type, expected.charge_type) as charge_type,
        coalesce(expected.expectation_basis = 'unknown', false) as is_unknown,
        coalesce(sales.stated_cents, 0) as stated_cents,
        coalesce(expected.expected_cents, 0) as expected_cents
    from sales
    full outer join expected
        on sales.order_id = expected.order_id
        and sales.charge_type = expected.charge_type
),

final as (
    select
        compared.order_id,
        compared.charge_type,

        compared.is_unknown or open_orders.order_id is not null as is_unknown,

        compared.stated_cents,
        compared.expected_cents,
        compared.stated_cents - compared.expected_cents as residual_cents
    from compared
    left join open_orders on compared.order_id = open_orders.order_id
)

select * from final

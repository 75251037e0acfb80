-- what of each commission departs from the contract, once the discounts that the statement shows are taken for granted: another rate,
-- a cent, another base, or both at once
{%- set ties_on_a_named_base = [] %}
{%- for _, column in named_fee_bases() %}
{%- do ties_on_a_named_base.append('commissions.charged_cents = ' ~ share_of_cents('fee_bases.' ~ column, 'commissions.agreed_rate_bps')) %}
{%- endfor %}

with

commissions as (
    select * from {{ ref('int_order_commissions') }}
    where charged_cents <> agreed_cents
),

fee_bases as (
    select * from {{ ref('int_order_fee_bases') }}
),

tolerances as (
    select * from {{ ref('int_order_tolerances') }}
),

fitted_rates as (
    select * from {{ ref('int_fitted_commission_rates') }}
),

pairs as (
    select * from {{ ref('int_order_commission_pairs') }}
),

line_classes as (
    select * from {{ ref('int_line_classes') }}
    where is_sale
),

line_states as (
    select * from {{ ref('int_statement_line_states') }}
    where is_standing
),

-- the rate that all sales of an order are said to have been charged at
stated_rates as (
    select
        line_classes.order_id,
        max(line_states.stated_commission_rate_bps) as rate_bps
    from line_classes
    inner join line_states on line_classes.statement_line_id = line_states.statement_line_id
    where line_states.stated_commission_rate_bps is not null
    group by line_classes.order_id
    having min(line_states.stated_commission_rate_bps) = max(line_states.stated_commission_rate_bps)
),

other_rates as (
    select
        order_id,
        'commission' as charge_type,
        rate_bps,
        1 as preference
    from stated_rates
    union all
    select
        commissions.order_id,
        commissions.charge_type,
        fitted_rates.rate_bps,
        2 as preference
    from commissions
    inner join fitted_rates
        on commissions.store_id = fitted_rates.store_id
        and commissions.fee_schedule_id = fitted_rates.fee_schedule_id
        and commissions.charge_type = fitted_rates.charge_type
        and commissions.pay_period_start_date = fitted_rates.pay_period_start_date
),

at_other_rates as (
    select
        commissions.*,
        tolerances.rounding_cents,
        other_rates.preference,
        {{ share_of_cents('commissions.agreed_base_cents', 'other_rates.rate_bps') }} as at_other_rate_cents
    from commissions
    inner join tolerances on commissions.order_id = tolerances.order_id
    inner join other_rates
        on commissions.order_id = other_rates.order_id
        and commissions.charge_type = other_rates.charge_type
),

-- the stated rate, else the rate of the store's pay period, where the commission is nearer to it than to the contract's
tied_rates as (
    select
        order_id,
        charge_type,
        at_other_rate_cents,
        row_number() over (partition by order_id, charge_type order by preference) as preference
    from at_other_rates
    where
        abs(charged_cents - at_other_rate_cents) <= rounding_cents
        and abs(charged_cents - at_other_rate_cents) < abs(charged_cents - agreed_cents)
),

rated as (
    select
        commissions.order_id,
        commissions.charge_type,
        commissions.agreed_cents,
        commissions.charged_cents,
        tolerances.rounding_cents,
        tied_rates.at_other_rate_cents,
        {{ share_of_cents('pairs.base_cents', 'commissions.agreed_rate_bps') }} as on_paired_base_cents,
        pairs.order_id is not null as has_pair,
        {{ ties_on_a_named_base | join(' or ') }} as ties_on_a_named_base
    from commissions
    inner join fee_bases on commissions.order_id = fee_bases.order_id
    inner join tolerances on commissions.order_id = tolerances.order_id
    left join tied_rates
        on commissions.order_id = tied_rates.order_id
        and commissions.charge_type = tied_rates.charge_type
        and tied_rates.preference = 1
    left join pairs
        on commissions.order_id = pairs.order_id
        and commissions.charge_type = 'commission'
),

explained as (
    select
        rated.*,
        case
            when at_other_rate_cents is not null then 'rate'
            when abs(charged_cents - agreed_cents) <= rounding_cents then 'rounding'
            when ties_on_a_named_base then 'base'
            when has_pair then 'rate_and_base'
            else 'nothing'
        end as explained_by
    from rated
),

claims as (
    select
        order_id,
        charge_type,
        'commission_rate' as break_class,
        agreed_cents - at_other_rate_cents as claimed_cents
    from explained
    where explained_by = 'rate'
    union all
    select
        order_id,
        charge_type,
        'rounding' as break_class,
        at_other_rate_cents - charged_cents as claimed_cents
    from explained
    where explained_by = 'rate'
    union all
    select
        order_id,
        charge_type,
        'rounding' as break_class,
        agreed_cents - charged_cents as claimed_cents
    from explained
    where explained_by = 'rounding'
    union all
    select
        order_id,
        charge_type,
        'commission_base' as break_class,
        agreed_cents - charged_cents as claimed_cents
    from explained
    where explained_by = 'base'
    union all
    -- the other base at the old rate, then the other rate on the other base
    select
        order_id,
        charge_type,
        'commission_base' as break_class,
        agreed_cents - on_paired_base_cents as claimed_cents
    from explained
    where explained_by = 'rate_and_base'
    union all
    select
        order_id,
        charge_type,
        'commission_rate' as break_class,
        on_paired_base_cents - charged_cents as claimed_cents
    from explained
    where explained_by = 'rate_and_base'
    union all
    select
        order_id,
        charge_type,
        'unexplained' as break_class,
        agreed_cents - charged_cents as claimed_cents
    from explained
    where explained_by = 'nothing'
),

final as (
    select
        order_id,
        charge_type,
        break_class,

        claimed_cents
    from claims
    where claimed_cents <> 0
)

select * from final

-- the rate, base and fixed fee that explain, to the cent, fees that are not as agreed: only what holds for at least four orders of a store
-- and two in three of those that are not as agreed, in a pay period or over all of them
with

candidates as (
    select * from {{ ref('int_fee_candidates') }}
),

scoped as (
    select
        candidates.*,
        'all' as scope
    from candidates
    union all
    select
        candidates.*,
        cast(pay_period_start_date as {{ dbt.type_string() }}) as scope
    from candidates
    where pay_period_start_date is not null
),

scopes as (
    select
        store_id,
        fee_schedule_id,
        charge_type,
        scope,
        count(distinct order_id) as order_count
    from scoped
    group by store_id, fee_schedule_id, charge_type, scope
),

ranges as (
    select
        scoped.*,
        {{ lowest_tying_rate('(charged_cents - agreed_fixed_cents)', 'base_cents') }} as lowest_rate_bps,
        {{ highest_tying_rate('(charged_cents - agreed_fixed_cents)', 'base_cents') }} as highest_rate_bps
    from scoped
    where charged_cents >= agreed_fixed_cents
),

-- the rate that ties most orders lies where most of their ranges meet
edges as (
    select
        store_id,
        fee_schedule_id,
        charge_type,
        scope,
        base,
        lowest_rate_bps as rate_bps,
        1 as step
    from ranges
    where lowest_rate_bps <= highest_rate_bps
    union all
    select
        store_id,
        fee_schedule_id,
        charge_type,
        scope,
        base,
        highest_rate_bps + 1 as rate_bps,
        -1 as step
    from ranges
    where lowest_rate_bps <= highest_rate_bps
),

steps as (
    select
        store_id,
        fee_schedule_id,
        charge_type,
        scope,
        base,
        rate_bps,
        sum(step) as step
    from edges
    group by store_id, fee_schedule_id, charge_type, scope, base, rate_bps
),

meetings as (
    select
        store_id,
        fee_schedule_id,
        charge_type,
        scope,
        base,
        rate_bps as lowest_rate_bps,
        lead(rate_bps) over (partition by store_id, fee_schedule_id, charge_type, scope, base order by rate_bps) - 1 as highest_rate_bps,
        sum(step) over (
            partition by store_id, fee_schedule_id, charge_type, scope, base
            order by rate_bps
            rows unbounded preceding
        ) as order_count
    from steps
),

terms as (
    select
        store_id,
        fee_schedule_id,
        charge_type,
        max(agreed_base) as agreed_base,
        max(agreed_rate_bps) as agreed_rate_bps,
        max(agreed_fixed_cents) as agreed_fixed_cents
    from candidates
    group by store_id, fee_schedule_id, charge_type
),

rates as (
    select
        meetings.store_id,
        meetings.fee_schedule_id,
        meetings.charge_type,
        meetings.scope,
        meetings.base,
        case
            when terms.agreed_rate_bps between meetings.lowest_rate_bps and meetings.highest_rate_bps then terms.agreed_rate_bps
            else {{ roundest_rate('meetings.lowest_rate_bps', 'meetings.highest_rate_bps') }}
        end as rate_bps,
        terms.agreed_fixed_cents as fixed_cents,
        meetings.order_count
    from meetings
    inner join terms
        on meetings.store_id = terms.store_id
        and meetings.fee_schedule_id = terms.fee_schedule_id
        and meetings.charge_type = terms.charge_type
    where meetings.order_count >= 4
),

-- the agreed rate and base with another fixed fee
fixed_fees as (
    select
        store_id,
        fee_schedule_id,
        charge_type,
        scope,
        base,
        agreed_rate_bps as rate_bps,
        charged_cents - {{ share_of_cents('base_cents', 'agreed_rate_bps') }} as fixed_cents,
        count(*) as order_count
    from scoped
    where charge_type = 'processing_fee' and base = agreed_base
    group by
        store_id,
        fee_schedule_id,
        charge_type,
        scope,
        base,
        agreed_rate_bps,
        charged_cents - {{ share_of_cents('base_cents', 'agreed_rate_bps') }}
    having count(*) >= 4
),

explanations as (
    select * from rates
    union all
    select * from fixed_fees
),

-- of several that tie as many orders, the one that keeps the agreed base stands, then the one that keeps the agreed rate
ranked as (
    select
        explanations.*,
        row_number() over (
            partition by explanations.store_id, explanations.fee_schedule_id, explanations.charge_type, explanations.scope
            order by
                explanations.order_count desc,
                case when explanations.base = terms.agreed_base then 0 else 1 end,
                case when explanations.rate_bps = terms.agreed_rate_bps then 0 else 1 end,
                {{ binary_order('explanations.base') }},
                explanations.rate_bps
        ) as preference
    from explanations
    inner join scopes
        on explanations.store_id = scopes.store_id
        and explanations.fee_schedule_id = scopes.fee_schedule_id
        and explanations.charge_type = scopes.charge_type
        and explanations.scope = scopes.scope
    inner join terms
        on explanations.store_id = terms.store_id
        and explanations.fee_schedule_id = terms.fee_schedule_id
        and explanations.charge_type = terms.charge_type
    where explanations.order_count * 3 >= scopes.order_count * 2
),

final as (
    select
        store_id,
        fee_schedule_id,
        charge_type,
        base,
        rate_bps,

        fixed_cents,
        cast(max(order_count) as bigint) as order_count
    from ranked
    where preference = 1
    group by store_id, fee_schedule_id, charge_type, base, rate_bps, fixed_cents
)

select * from final

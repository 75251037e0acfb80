{%- set text = dbt.type_string() -%}
with

components as (
    select * from {{ ref('int_order_components') }}
),

expected_charges as (
    select * from {{ ref('expected_charges') }}
),

order_reconciliation as (
    select * from {{ ref('order_reconciliation') }}
    where order_id is not null
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
),

-- a sale under another store is right to the cent, and an order that no statement holds has nothing to verify
claims as (
    select * from {{ ref('reconciliation_claims') }}
    where claim_level in ('line', 'component')
),

-- the part of a charge that is stated as expected
expected as (
    select
        order_reconciliation.platform,
        order_reconciliation.currency_code,
        order_reconciliation.pay_period_start_date,
        order_reconciliation.pay_period_end_date,
        case when expected_charges.expectation_basis = 'contract' then 'contract' else 'document' end as verification,
        case
            when sign(components.expected_cents) = sign(components.stated_cents)
                then least(abs(components.expected_cents), abs(components.stated_cents))
            else 0
        end as charged_cents
    from components
    inner join expected_charges
        on components.order_id = expected_charges.order_id
        and components.charge_type = expected_charges.charge_type
    inner join order_reconciliation on components.order_id = order_reconciliation.order_id
    where expected_charges.expectation_basis <> 'unknown'
),

claimed as (
    select
        claims.platform,
        claims.currency_code,
        coalesce(order_reconciliation.pay_period_start_date, statement_lines.pay_period_start_date) as pay_period_start_date,
        coalesce(order_reconciliation.pay_period_end_date, statement_lines.pay_period_end_date) as pay_period_end_date,
        case when claims.break_class in ('unverified', 'unexplained') then claims.break_class else 'explained' end as verification,
        abs(claims.claimed_cents) as charged_cents
    from claims
    left join order_reconciliation on claims.order_id = order_reconciliation.order_id
    left join statement_lines on claims.statement_line_id = statement_lines.statement_line_id
),

unioned as (
    select * from expected
    union all
    select * from claimed
),

summed as (
    select
        platform,
        currency_code,
        pay_period_start_date,
        max(pay_period_end_date) as pay_period_end_date,
        {%- for verification in ['contract', 'document', 'explained', 'unverified', 'unexplained'] %}
        {{ sum_cents("case when verification = '" ~ verification ~ "' then charged_cents else 0 end") }} as {{ verification }}_cents,
        {%- endfor %}
        {{ sum_cents('charged_cents') }} as charged_cents
    from unioned
    group by platform, currency_code, pay_period_start_date
),

final as (
    select
        {{ hashed_key(['platform', 'currency_code', 'cast(pay_period_start_date as ' ~ text ~ ')']) }} as verified_share_id,

        platform,
        currency_code,

        charged_cents,
        contract_cents,
        document_cents,
        explained_cents,
        unverified_cents,
        unexplained_cents,
        {{ basis_points('contract_cents', 'charged_cents') }} as contract_share_bps,
        {{ basis_points('contract_cents + document_cents', 'charged_cents') }} as verified_share_bps,

        pay_period_start_date,
        pay_period_end_date
    from summed
)

select * from final

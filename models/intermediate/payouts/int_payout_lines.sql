-- which store, pay period and payout each standing line belongs to; where the statement names no payout, one is derived
{%- set text = dbt.type_string() %}
with

line_states as (
    select * from {{ ref('int_statement_line_states') }}
),

statement_stores as (
    select * from {{ ref('int_statement_stores') }}
),

matches as (
    select * from {{ ref('int_order_line_matches') }}
),

orders as (
    select * from {{ ref('int_expected_amounts') }}
),

charges as (
    select * from {{ ref('int_statement_charges') }}
),

pay_periods as (
    select * from {{ ref('int_pay_periods') }}
),

summaries as (
    select * from {{ ref('int_payout_summaries') }}
),

payee_accounts as (
    select * from {{ ref('int_payee_accounts') }}
),

matching_passes as (
    select distinct
        statement_platform,
        order_platform
    from {{ ref('matching_passes') }}
),

charge_totals as (
    select
        statement_line_id,
        {{ sum_cents('stated_cents') }} as stated_cents
    from charges
    group by statement_line_id
),

history as (
    select
        statement_line_id,
        min(loaded_at) as first_loaded_at,
        min(case when payout_id is not null or payout_date is not null then loaded_at end) as first_paid_loaded_at
    from line_states
    group by statement_line_id
),

-- a sale is paid with its own day, but a refund and what else names an old order bear that order's day, and are paid with a later one
dated as (
    select
        lines.*,
        statement_stores.store_id as stated_store_id,
        statement_stores.merchant_id as stated_merchant_id,
        statement_stores.currency_code as store_currency_code,
        coalesce(statement_stores.platform_store_id, lines.platform_store_id) as known_platform_store_id,
        coalesce(
            lines.event_date, case when lines.line_type in ('sale', 'cancellation') then lines.stated_order_date end
        ) as own_date,
        history.first_loaded_at,
        history.first_paid_loaded_at,
        cast({{ local_timestamp('history.first_loaded_at', "coalesce(statement_stores.time_zone, 'UTC')") }} as date) as first_loaded_date
    from line_states as lines
    inner join history on lines.statement_line_id = history.statement_line_id
    left join statement_stores on lines.statement_line_id = statement_stores.statement_line_id
    where lines.is_standing
),

placed as (
    select
        lines.statement_line_id,
        lines.platform as statement_platform,
        coalesce(orders.platform, lines.platform) as platform,
        coalesce(lines.stated_store_id, orders.store_id) as store_id,
        coalesce(lines.stated_merchant_id, orders.merchant_id) as merchant_id,
        lines.store_currency_code,
        coalesce(upper(lines.currency_code), lines.store_currency_code, orders.currency_code) as said_currency_code,
        coalesce(lines.known_platform_store_id, lines.partner_store_code, lines.store_name) as store_name,
        lines.line_payout_id as stated_reference,
        lines.payout_destination,
        lines.payout_reference,
        coalesce(charge_totals.stated_cents, 0) as stated_cents,
        lines.line_payout_date as stated_payout_date,
        coalesce(lines.own_date, greatest(lines.stated_order_date, lines.first_loaded_date)) as period_date,
        lines.own_date is not null as has_own_pay_period,
        lines.first_loaded_at,
        lines.first_paid_loaded_at,
        lines.first_loaded_date
    from dated as lines
    left join matches on lines.statement_line_id = matches.statement_line_id
    left join orders on matches.order_id = orders.order_id
    left join charge_totals on lines.statement_line_id = charge_totals.statement_line_id
),

-- a store that nobody has mapped is paid in the currency that its lines say, where they agree
unmapped_stores as (
    select
        statement_platform,
        store_name,
        max(said_currency_code) as currency_code
    from placed
    where store_currency_code is null
    group by statement_platform, store_name
    having min(said_currency_code) = max(said_currency_code)
),

-- where they say none: in the only one that the platform pays in
paid_currencies as (
    select
        matching_passes.statement_platform,
        max(payee_accounts.currency_code) as currency_code
    from matching_passes
    inner join payee_accounts on matching_passes.order_platform = payee_accounts.platform
    group by matching_passes.statement_platform
    having min(payee_accounts.currency_code) = max(payee_accounts.currency_code)
),

in_pay_periods as (
    select
        placed.*,
        coalesce(placed.said_currency_code, unmapped_stores.currency_code, paid_currencies.currency_code) as line_currency_code,
        pay_periods.pay_period_start_date,
        pay_periods.pay_period_end_date,
        pay_periods.payday_date,
        pay_periods.due_date,
        pay_periods.overdue_after_date
    from placed
    left join unmapped_stores
        on placed.store_currency_code is null
        and placed.statement_platform = unmapped_stores.statement_platform
        and placed.store_name = unmapped_stores.store_name
    left join paid_currencies on placed.statement_platform = paid_currencies.statement_platform
    left join pay_periods
        on placed.statement_platform = pay_periods.platform
        and coalesce(placed.store_currency_code, unmapped_stores.currency_code, placed.said_currency_code, paid_currencies.currency_code)
        = pay_periods.currency_code
        and placed.period_date = pay_periods.day
),

-- a statement that names no payout is paid by store and pay period, where it names a store; one that names only the day, by store and day
named as (
    select
        in_pay_periods.*,
        case when payout_reference = 'derived' and has_own_pay_period then payday_date else stated_payout_date end as payout_date,
        case
            when payout_reference = 'stated' and stated_reference is not null then stated_reference
            when payout_reference = 'stated' and stated_payout_date is not null
                then coalesce(store_name, 'unknown store') || ':' || cast(stated_payout_date as {{ text }})
            when payout_reference = 'derived' and has_own_pay_period and payday_date <= cast({{ as_of_timestamp() }} as date)
                then store_name || ':' || cast(pay_period_end_date as {{ text }})
        end as payout_name
    from in_pay_periods
),

currencies as (
    select
        named.*,
        min(line_currency_code) over (partition by statement_platform, payout_name) as first_currency_code,
        max(line_currency_code) over (partition by statement_platform, payout_name) as last_currency_code
    from named
),

-- a line that says no currency is in that of its payout: what other lines of it say, else its summary
payouts as (
    select
        currencies.*,
        case
            when currencies.payout_name is not null then coalesce(currencies.first_currency_code, summaries.currency_code)
        end as payout_currency_code
    from currencies
    left join summaries on currencies.statement_platform || ':' || currencies.payout_name = summaries.payout_id
),

-- currencies are never added: a reference that pays in several is as many payouts
final as (
    select
        statement_line_id,
        statement_platform || ':' || payout_name || case
            when first_currency_code <> last_currency_code then ':' || coalesce(line_currency_code, first_currency_code)
            else ''
        end as payout_id,
        store_id,
        merchant_id,

        statement_platform,
        platform,
        case when payout_name = stated_reference then stated_reference end as payout_reference,
        payout_destination,
        line_currency_code,
        coalesce(line_currency_code, payout_currency_code) as currency_code,

        stated_cents,

        has_own_pay_period,

        payout_date,
        pay_period_start_date,
        pay_period_end_date,
        due_date,
        overdue_after_date,
        first_loaded_date,

        case
            when payout_reference = 'derived' and first_loaded_at < cast(payout_date as timestamp) then cast(payout_date as timestamp)
            else coalesce(first_paid_loaded_at, first_loaded_at)
        end as paid_loaded_at,
        first_loaded_at
    from payouts
)

select * from final

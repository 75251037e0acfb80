-- orders that should bring something and have no sale on any statement, with the reason
with

expected_charges as (
    select * from {{ ref('int_expected_charges') }}
),

amounts as (
    select * from {{ ref('int_expected_amounts') }}
),

line_classes as (
    select * from {{ ref('int_line_classes') }}
),

match_candidates as (
    select * from {{ ref('int_order_match_candidates') }}
),

statement_lines as (
    select * from {{ ref('int_statement_lines') }}
    where line_type in ('sale', 'cancellation')
),

order_stores as (
    select * from {{ ref('int_order_stores') }}
),

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing'
),

documents as (
    select
        document_id,
        status
    from {{ ref('int_order_documents') }}
),

pay_periods as (
    select * from {{ ref('int_pay_periods') }}
),

-- in one pass: PostgreSQL takes what is left of a join with the stated orders for a single row, and goes through all others for each
expected_and_stated as (
    select
        order_id,
        expected_cents,
        0 as stated_count
    from expected_charges
    union all
    select
        order_id,
        null as expected_cents,
        1 as stated_count
    from line_classes
    where is_sale or break_class in ('cancelled_paid', 'duplicate')
),

unstated as (
    select
        order_id,
        coalesce({{ sum_cents('expected_cents') }}, 0) as expected_cents
    from expected_and_stated
    group by order_id
    having max(stated_count) < 1
),

other_currency as (
    select distinct order_id
    from line_classes
    where break_class = 'currency_mismatch'
),

ambiguous as (
    select distinct match_candidates.order_id
    from match_candidates
    inner join line_classes
        on match_candidates.statement_order_id = line_classes.statement_order_id
        and line_classes.break_class = 'ambiguous'
),

-- what a line's order says, or all orders that it may be of
shared_by_candidates as (
    select
        match_candidates.statement_order_id,
        max(amounts.platform) as platform,
        case
            when min(amounts.store_id) = max(amounts.store_id) and count(amounts.store_id) = count(*) then max(amounts.store_id)
        end as store_id,
        case
            when min(amounts.order_date) = max(amounts.order_date) and count(amounts.order_date) = count(*) then max(amounts.order_date)
        end as order_date
    from match_candidates
    left join amounts on match_candidates.order_id = amounts.order_id
    group by match_candidates.statement_order_id
),

stated_places as (
    select distinct
        coalesce(statement_lines.store_id, shared_by_candidates.store_id) as store_id,
        case when statement_lines.store_id is null then shared_by_candidates.platform else statement_lines.platform end as platform,
        statement_lines.currency_code,
        coalesce(statement_lines.event_date, statement_lines.order_date, shared_by_candidates.order_date) as stated_date
    from statement_lines
    left join shared_by_candidates on statement_lines.statement_order_id = shared_by_candidates.statement_order_id
),

-- a store's pay period is covered where any sale of it is stated
covered as (
    select distinct
        stated_places.store_id,
        pay_periods.pay_period_start_date
    from stated_places
    inner join pay_periods
        on stated_places.platform = pay_periods.platform
        and stated_places.currency_code = pay_periods.currency_code
        and stated_places.stated_date = pay_periods.day
    where stated_places.store_id is not null
),

final as (
    select
        unstated.order_id,
        amounts.store_id,

        case
            when other_currency.order_id is not null then 'currency_mismatch'
            when ambiguous.order_id is not null then 'ambiguous'
            when pay_periods.overdue_after_date is null or pay_periods.overdue_after_date >= cast({{ as_of_timestamp() }} as date) then null
            when documents.status = 'cancelled' then 'cancelled_unpaid'
            when covered.store_id is not null then 'missing_in_statement'
            else 'statement_not_loaded'
        end as break_class,

        unstated.expected_cents,

        covered.store_id is not null as is_period_stated
    from unstated
    inner join amounts on unstated.order_id = amounts.order_id
    inner join order_stores on unstated.order_id = order_stores.order_id
    inner join versions on unstated.order_id = versions.order_id
    inner join documents on versions.document_id = documents.document_id
    left join other_currency on unstated.order_id = other_currency.order_id
    left join ambiguous on unstated.order_id = ambiguous.order_id
    left join pay_periods
        on amounts.platform = pay_periods.platform
        and coalesce(order_stores.store_currency_code, amounts.currency_code) = pay_periods.currency_code
        and amounts.order_date = pay_periods.day
    left join covered
        on amounts.store_id = covered.store_id
        and pay_periods.pay_period_start_date = covered.pay_period_start_date
    where unstated.expected_cents <> 0
)

select * from final

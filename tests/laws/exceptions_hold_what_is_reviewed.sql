-- Law 4. Every claim of a class that people review, every overdue line that is in no payout and every break of a deposit
-- is in one exception, and what was won back of a claim is in the same; nothing else is.
with

breaks as (
    select * from {{ ref('deposit_breaks') }}
),

won_back_lines as (
    select * from {{ ref('int_won_back_lines') }}
),

claims as (
    select * from {{ ref('reconciliation_claims') }}
),

reviewed_classes as (
    select * from {{ ref('break_classes') }}
    where handling = 'review'
),

sources as (
    select
        claims.break_class,
        claims.currency_code,
        claims.claimed_cents as source_cents,
        0 as exception_cents
    from claims
    inner join reviewed_classes on claims.break_class = reviewed_classes.break_class
    union all
    select
        won_back_lines.reversed_class as break_class,
        claims.currency_code,
        claims.claimed_cents as source_cents,
        0 as exception_cents
    from claims
    inner join won_back_lines on claims.statement_line_id = won_back_lines.statement_line_id
    inner join reviewed_classes on won_back_lines.reversed_class = reviewed_classes.break_class
    where claims.break_class = 'won_back'
    union all
    select
        'overdue' as break_class,
        currency_code,
        -stated_cents as source_cents,
        0 as exception_cents
    from {{ ref('statement_lines') }}
    where settlement_state = 'overdue' and payout_id is null
    union all
    select
        breaks.break_class,
        breaks.currency_code,
        breaks.break_cents as source_cents,
        0 as exception_cents
    from breaks
    inner join reviewed_classes on breaks.break_class = reviewed_classes.break_class
),

exceptions as (
    select
        break_class,
        currency_code,
        0 as source_cents,
        exception_cents
    from {{ ref('reconciliation_exceptions') }}
),

unioned as (
    select * from sources
    union all
    select * from exceptions
),

final as (
    select
        break_class,
        currency_code,
        sum(source_cents) as source_cents,
        sum(exception_cents) as exception_cents
    from unioned
    group by break_class, currency_code
    having sum(source_cents) <> sum(exception_cents)
)

select * from final

-- which deductions what was won back reverses: of the same order, store and currency, and of one class
with

line_claims as (
    select * from {{ ref('int_line_claims') }}
),

lines as (
    select * from {{ ref('int_statement_lines') }}
),

claims as (
    select
        line_claims.statement_line_id,
        line_claims.order_id,
        -- a store that nobody has mapped is one, too
        coalesce(lines.store_id, '') as store_id,
        lines.currency_code,
        line_claims.charge_type,
        line_claims.break_class,
        line_claims.claimed_cents,
        lines.posting_date
    from line_claims
    inner join lines on line_claims.statement_line_id = lines.statement_line_id
    where line_claims.break_class in ('won_back', 'refund', 'error_charge', 'chargeback')
),

taken as (
    select
        order_id,
        store_id,
        currency_code,
        break_class,
        -{{ sum_cents('claimed_cents') }} as taken_cents
    from claims
    where break_class <> 'won_back'
    group by order_id, store_id, currency_code, break_class
),

taken_charges as (
    select distinct
        order_id,
        store_id,
        currency_code,
        break_class,
        charge_type
    from claims
    where break_class <> 'won_back'
),

won as (
    select
        claims.*,
        cast(sum(claimed_cents) over (partition by statement_line_id) as bigint) as won_cents
    from claims
    where break_class = 'won_back'
),

-- the charges that came back say which class they came back from; where none does, the most that was taken
candidates as (
    select
        won.statement_line_id,
        won.order_id,
        won.store_id,
        won.currency_code,
        taken.break_class as reversed_class,
        won.won_cents,
        taken.taken_cents,
        won.posting_date,
        row_number() over (
            partition by won.statement_line_id
            order by
                case when taken_charges.charge_type is not null then won.claimed_cents end desc nulls last,
                taken.taken_cents desc,
                {{ binary_order('taken.break_class') }},
                {{ binary_order('won.charge_type') }}
        ) as candidate_rank
    from won
    inner join taken
        on won.order_id = taken.order_id
        and won.store_id = taken.store_id
        and won.currency_code = taken.currency_code
    left join taken_charges
        on won.order_id = taken_charges.order_id
        and won.store_id = taken_charges.store_id
        and won.currency_code = taken_charges.currency_code
        and taken.break_class = taken_charges.break_class
        and won.charge_type = taken_charges.charge_type
),

accumulated as (
    select
        candidates.*,
        sum(won_cents) over (
            partition by order_id, store_id, currency_code, reversed_class
            order by posting_date nulls last, {{ binary_order('statement_line_id') }}
            rows unbounded preceding
        ) as won_until_now_cents
    from candidates
    where candidate_rank = 1
),

-- no more comes back of a class than it took
final as (
    select
        statement_line_id,

        reversed_class
    from accumulated
    where won_until_now_cents <= taken_cents
)

select * from final

-- what lines that are no sale claim: each charge whole, save what was won back beyond what had been taken
with

line_classes as (
    select * from {{ ref('int_line_classes') }}
    where not is_sale
),

lines as (
    select * from {{ ref('int_statement_lines') }}
),

paid_for_cancelled as (
    select
        order_id,
        charge_type,
        {{ sum_cents('stated_cents') }} as paid_cents
    from line_classes
    where break_class = 'cancelled_paid'
    group by order_id, charge_type
),

-- a cancelled order that is listed as a sale and its reversal comes to nothing
standing as (
    select line_classes.*
    from line_classes
    left join paid_for_cancelled
        on line_classes.order_id = paid_for_cancelled.order_id
        and line_classes.charge_type = paid_for_cancelled.charge_type
    where line_classes.break_class <> 'cancelled_paid' or paid_for_cancelled.paid_cents <> 0
),

taken as (
    select
        order_id,
        -{{ sum_cents('stated_cents') }} as taken_cents
    from standing
    where break_class in ('refund', 'error_charge', 'chargeback')
    group by order_id
),

won as (
    select
        statement_line_id,
        {{ sum_cents('stated_cents') }} as won_cents
    from standing
    where break_class = 'won_back'
    group by statement_line_id
),

won_lines as (
    select
        lines.statement_line_id,
        lines.order_id,
        lines.event_date,
        lines.platform_transaction_id,
        won.won_cents
    from won
    inner join lines on won.statement_line_id = lines.statement_line_id
),

-- what the earlier claims of the order, less what was won back before, leave to be won back
limited as (
    select
        won_lines.statement_line_id,
        won_lines.won_cents,
        greatest(
            coalesce(taken.taken_cents, 0)
            - coalesce(
                sum(won_lines.won_cents) over (
                    partition by won_lines.order_id
                    order by
                        won_lines.event_date nulls last,
                        {{ binary_order('won_lines.platform_transaction_id') }} nulls last,
                        won_lines.statement_line_id
                    rows between unbounded preceding and 1 preceding
                ),
                0
            ),
            0
        ) as limit_cents
    from won_lines
    left join taken on won_lines.order_id = taken.order_id
),

ranked as (
    select
        standing.*,
        limited.won_cents,
        limited.limit_cents,
        row_number() over (
            partition by standing.statement_line_id
            order by standing.stated_cents desc, {{ binary_order('standing.charge_type') }}
        ) as size_rank
    from standing
    left join limited on standing.statement_line_id = limited.statement_line_id
),

-- a line that nothing came before is in excess whole; of another the largest charge bears the excess
divided as (
    select
        ranked.*,
        case
            when break_class <> 'won_back' or won_cents <= limit_cents then 0
            when limit_cents = 0 then stated_cents
            when size_rank = 1 then won_cents - limit_cents
            else 0
        end as excess_cents
    from ranked
),

claims as (
    select
        statement_line_id,
        order_id,
        charge_type,
        break_class,
        stated_cents - excess_cents as claimed_cents
    from divided
    union all
    select
        statement_line_id,
        order_id,
        charge_type,
        'unexplained' as break_class,
        excess_cents as claimed_cents
    from divided
),

final as (
    select
        statement_line_id,
        charge_type,
        break_class,
        order_id,

        cast(claimed_cents as bigint) as claimed_cents
    from claims
    where claimed_cents <> 0
)

select * from final

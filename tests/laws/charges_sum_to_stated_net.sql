-- Law 3. The charges of a line sum to the net that its statement states (statement-formats: net is the signed sum of the money columns).
with

lines as (
    select
        statement_line_id,
        net_cents,
        stated_cents
    from {{ ref('statement_lines') }}
),

charges as (
    select
        statement_line_id,
        sum(stated_cents) as charged_cents
    from {{ ref('stated_charges') }}
    group by statement_line_id
),

final as (
    select
        lines.statement_line_id,
        lines.net_cents,
        lines.stated_cents,
        charges.charged_cents
    from lines
    full outer join charges on lines.statement_line_id = charges.statement_line_id
    where
        lines.statement_line_id is null
        or lines.net_cents <> coalesce(charges.charged_cents, 0)
        or lines.stated_cents <> coalesce(charges.charged_cents, 0)
)

select * from final

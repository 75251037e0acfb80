-- Law 1. Every line that was seen in any state is in the mart, once, with as many states as were seen.
with

states as (
    select
        statement_line_id,
        count(*) as state_count,
        count(case when is_standing then 1 end) as standing_count
    from {{ ref('int_statement_line_states') }}
    group by statement_line_id
),

lines as (
    select
        statement_line_id,
        state_count
    from {{ ref('statement_lines') }}
),

final as (
    select
        coalesce(states.statement_line_id, lines.statement_line_id) as statement_line_id,
        states.state_count as seen_state_count,
        states.standing_count,
        lines.state_count
    from states
    full outer join lines on states.statement_line_id = lines.statement_line_id
    where
        coalesce(states.standing_count, 0) <> 1
        or coalesce(states.state_count, 0) <> coalesce(lines.state_count, 0)
)

select * from final

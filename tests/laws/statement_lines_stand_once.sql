-- Law 1. Every line that was seen in any state is in the mart, once, with as many states as were seen; one that was taken back is not.
with

states as (
    select
        statement_line_id,
        count(*) as state_count,
        count(case when is_standing then 1 end) as standing_count,
        max(case when is_withdrawn then 0 else 1 end) as expected_count
    from {{ ref('statement_line_states') }}
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
        states.statement_line_id is null
        or states.standing_count <> states.expected_count
        or coalesce(lines.state_count, 0) <> states.state_count * states.expected_count
)

select * from final

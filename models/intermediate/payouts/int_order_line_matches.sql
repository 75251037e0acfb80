-- each line that names an order to the order it is of
with

references_of_lines as (
    select * from {{ ref('int_order_line_references') }}
),

candidates as (
    select * from {{ ref('int_order_match_candidates') }}
),

-- a pass that finds two orders matches none
matched as (
    select
        statement_order_id,
        count(distinct order_id) as candidate_count,
        max(match_method) as match_method,
        max(order_id) as order_id
    from candidates
    group by statement_order_id
),

final as (
    select
        references_of_lines.statement_line_id,
        references_of_lines.statement_order_id,
        case when matched.candidate_count = 1 then matched.order_id end as order_id,

        references_of_lines.order_name,
        case
            when matched.candidate_count = 1 then matched.match_method
            when matched.candidate_count > 1 then 'ambiguous'
            else 'none'
        end as match_method,
        coalesce(matched.candidate_count, 0) as candidate_count
    from references_of_lines
    left join matched on references_of_lines.statement_order_id = matched.statement_order_id
)

select * from final

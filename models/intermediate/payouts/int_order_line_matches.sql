-- each line that names an order to the order it is of, by the passes of the seed matching_passes
with

lines as (
    select * from {{ ref('int_statement_line_states') }}
    where is_standing
),

statement_stores as (
    select * from {{ ref('int_statement_stores') }}
),

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing'
),

documents as (
    select * from {{ ref('int_order_documents') }}
),

order_stores as (
    select * from {{ ref('int_order_stores') }}
),

matching_passes as (
    select * from {{ ref('matching_passes') }}
),

named_lines as (
    select
        lines.statement_line_id,
        lines.platform,
        statement_stores.store_id,
        lines.platform_order_uuid,
        lines.platform_order_id,
        lines.pos_order_id,
        lines.description,
        upper(lines.currency_code) as currency_code,
        {{ order_number_in_text('lines.description') }} as order_number_in_text,
        case lines.order_reference
            when 'platform_order_uuid' then coalesce(lines.platform_order_uuid, '#' || {{ order_number_in_text('lines.description') }})
            when 'platform_order_id' then lines.platform_order_id
            when 'description' then case when lines.line_type in ('sale', 'refund', 'won_back', 'chargeback') then lines.description end
        end as order_name,
        coalesce(lines.stated_order_date, lines.event_date, lines.payout_date, cast(lines.loaded_at as date)) as line_date
    from lines
    left join statement_stores on lines.statement_line_id = statement_stores.statement_line_id
),

-- lines that name one order of one store in one currency stand and fall together
references_of_lines as (
    select
        named_lines.*,
        {{ hashed_key(['platform', 'store_id', 'currency_code', 'order_name']) }} as statement_order_id
    from named_lines
    where order_name is not null
),

line_references as (
    select statement_line_id, statement_order_id, platform, store_id, line_date, 'platform_order_uuid' as reference_name, upper(platform_order_uuid) as reference_value
    from references_of_lines
    union all
    select statement_line_id, statement_order_id, platform, store_id, line_date, 'platform_order_id', upper(platform_order_id) from references_of_lines
    union all
    select
        statement_line_id, statement_order_id, platform, store_id, line_date, 'platform_order_digits',
        nullif(ltrim({{ replace_pattern('platform_order_id', '[^0-9]', '') }}, '0'), '')
    from references_of_lines
    union all
    select statement_line_id, statement_order_id, platform, store_id, line_date, 'pos_order_id', upper(pos_order_id) from references_of_lines
    union all
    select statement_line_id, statement_order_id, platform, store_id, line_date, 'order_number_in_text', upper(order_number_in_text) from references_of_lines
    union all
    select statement_line_id, statement_order_id, platform, store_id, line_date, 'description', upper(description) from references_of_lines
),

standing_orders as (
    select
        versions.order_id,
        order_stores.platform,
        order_stores.store_id,
        order_stores.order_date,
        documents.details_external_id as external_id,
        {{ replace_pattern('documents.details_external_readable_order_num', '^#', '') }} as readable_number
    from versions
    inner join documents on versions.document_id = documents.document_id
    inner join order_stores on versions.order_id = order_stores.order_id
),

order_references as (
    select order_id, platform, store_id, order_date, 'order_id' as reference_name, upper(order_id) as reference_value from standing_orders
    union all
    select order_id, platform, store_id, order_date, 'external_id', upper(external_id) from standing_orders
    union all
    select order_id, platform, store_id, order_date, 'external_id_start', upper(substr(external_id, 1, 8)) from standing_orders
    union all
    select order_id, platform, store_id, order_date, 'readable_number', upper(readable_number) from standing_orders
    union all
    select order_id, platform, store_id, order_date, 'readable_digits', nullif(ltrim({{ replace_pattern('readable_number', '[^0-9]', '') }}, '0'), '')
    from standing_orders
),

candidates as (
    select
        line_references.statement_line_id,
        line_references.statement_order_id,
        matching_passes.pass_number,
        matching_passes.match_method,
        order_references.order_id
    from line_references
    inner join matching_passes
        on line_references.platform = matching_passes.statement_platform
        and line_references.reference_name = matching_passes.statement_reference
    inner join order_references
        on matching_passes.order_platform = order_references.platform
        and matching_passes.order_reference = order_references.reference_name
        and line_references.reference_value = order_references.reference_value
    where
        (not matching_passes.needs_store or line_references.store_id = order_references.store_id)
        and (
            matching_passes.days_back is null
            or {{ days_between('order_references.order_date', 'line_references.line_date') }}
            between -matching_passes.days_ahead and matching_passes.days_back
        )
),

best_passes as (
    select
        statement_order_id,
        min(pass_number) as pass_number
    from candidates
    group by statement_order_id
),

-- a pass that finds two orders matches none
matched as (
    select
        candidates.statement_order_id,
        candidates.pass_number,
        count(distinct candidates.order_id) as candidate_count,
        max(candidates.match_method) as match_method,
        max(candidates.order_id) as order_id
    from candidates
    inner join best_passes
        on candidates.statement_order_id = best_passes.statement_order_id
        and candidates.pass_number = best_passes.pass_number
    group by candidates.statement_order_id, candidates.pass_number
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

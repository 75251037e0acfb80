-- the orders that the best pass finds for each order that statements name, by the seed matching_passes
{%- set line_references = {
    'platform_order_uuid': 'upper(platform_order_uuid)',
    'platform_order_id': 'upper(platform_order_id)',
    'platform_order_digits': "nullif(trim(leading '0' from " ~ replace_pattern('platform_order_id', '[^0-9]', '') ~ "), '')",
    'pos_order_id': 'upper(pos_order_id)',
    'order_number_in_text': 'upper(order_number_in_text)',
    'description': 'upper(description)',
} %}
{%- set order_references = {
    'order_id': 'upper(order_id)',
    'external_id': 'upper(external_id)',
    'external_id_start': 'upper(substr(external_id, 1, 8))',
    'readable_number': 'upper(readable_number)',
    'readable_digits': "nullif(trim(leading '0' from " ~ replace_pattern('readable_number', '[^0-9]', '') ~ "), '')",
} %}

with

references_of_lines as (
    select * from {{ ref('int_order_line_references') }}
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

expected_amounts as (
    select
        order_id,
        payment_rule
    from {{ ref('int_expected_amounts') }}
),

matching_passes as (
    select * from {{ ref('matching_passes') }}
),

line_references as (
    {%- for name, value in line_references.items() %}
    select
        statement_line_id,
        statement_order_id,
        platform,
        store_id,
        line_date,
        '{{ name }}' as reference_name,
        {{ value }} as reference_value
    from references_of_lines
    {{ 'union all' if not loop.last }}
    {%- endfor %}
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
    {%- for name, value in order_references.items() %}
    select
        order_id,
        platform,
        store_id,
        order_date,
        '{{ name }}' as reference_name,
        {{ value }} as reference_value
    from standing_orders
    {{ 'union all' if not loop.last }}
    {%- endfor %}
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

-- ranked rather than joined to their best: PostgreSQL knows nothing of a list like this, and may go through all pairs of two
ranked as (
    select
        candidates.*,
        rank() over (partition by statement_order_id order by pass_number) as place
    from candidates
),

found as (
    select distinct
        statement_order_id,
        order_id,
        match_method
    from ranked
    where place = 1
),

-- of several documents that fit, those that bring nothing are not what the platform pays for
judged as (
    select
        found.*,
        coalesce(expected_amounts.payment_rule = 'unpaid', false) as is_unpaid,
        sum(case when expected_amounts.payment_rule = 'unpaid' then 0 else 1 end) over (
            partition by found.statement_order_id
        ) as payable_count
    from found
    left join expected_amounts on found.order_id = expected_amounts.order_id
),

final as (
    select
        statement_order_id,
        order_id,

        match_method
    from judged
    where not is_unpaid or payable_count <> 1
)

select * from final

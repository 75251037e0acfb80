{{ config(pre_hook='{{ delete_outdated_statement_rows() }}') }}
{%- set too_late = 'expected a day no more than a year after the load' %}

with

statement_rows as (
    select * from {{ ref('int_statement_row_texts') }}
    where {{ is_unopened_file('source_file_hash') }}
),

reading as (
    select * from {{ ref('int_statement_reading') }}
),

headers as (
    select * from {{ ref('int_statement_headers') }}
),

cells as (
    select * from {{ ref('int_statement_cells') }}
    where {{ is_unopened_file('source_file_hash') }}
),

statement_formats as (
    select * from {{ ref('statement_formats') }}
),

statement_line_types as (
    select * from {{ ref('statement_line_types') }}
),

-- where the cells of each attribute stand, and which headers nothing is known of
places as (
    select
        header_row_id,
        statement_format,
        {%- for attribute in statement_attributes() %}
        max(case when attribute_name = '{{ attribute }}' then place end) as {{ attribute }}_place,
        {%- endfor %}
        {{ dbt.listagg(
            "case when column_role is null then header || ': not a header that the seed statement_columns maps' end",
            'chr(10)',
            'order by place'
        ) }} as findings
    from headers
    group by header_row_id, statement_format
),

amounts as (
    select
        source_file_hash,
        source_row_number,
        {{ sum_cents("case when column_role = 'net' then amount_cents end") }} as net_cents,
        {{ sum_cents("case when column_role = 'amount' then amount_cents end") }} as components_cents
    from cells
    group by source_file_hash, source_row_number
),

-- apart from the amounts: few rows have any, and texts take long to put in order
unreadable as (
    select
        source_file_hash,
        source_row_number,
        {{ dbt.listagg("header || ': expected an amount'", 'chr(10)', 'order by ' ~ binary_order('header')) }} as findings
    from cells
    where not is_readable
    group by source_file_hash, source_row_number
),

attributes as (
    select
        statement_rows.source_file_hash,
        statement_rows.source_row_number,
        statement_rows.statement_format,
        statement_rows.source_file_name,
        {%- for attribute in statement_attributes() %}
        {{ stated_text(list_item('statement_rows.cell_texts', 'places.' ~ attribute ~ '_place')) }} as {{ attribute }},
        {%- endfor %}
        statement_rows.header_row_id,
        places.findings as header_findings,
        statement_rows.loaded_at
    from statement_rows
    left join places
        on statement_rows.header_row_id = places.header_row_id
        and statement_rows.statement_format = places.statement_format
),

-- what a statement tells of lies behind it, save a payday that is near: a date years ahead is a slip
dated as (
    select
        attributes.*,
        {%- for attribute in ['order_date', 'event_date', 'payout_date'] %}
        {{ text_to_date(attribute) }} as read_{{ attribute }},
        {%- endfor %}
        {{ text_to_date('event_local_time') }} as read_event_local_date,
        {{ add_days('cast(loaded_at as date)', '366') }} as last_likely_date
    from attributes
),

typed as (
    select
        dated.*,
        statement_formats.platform,
        statement_formats.content,
        statement_formats.line_identity,
        statement_formats.order_reference,
        statement_formats.payout_reference,
        statement_formats.overlap_rank,
        {{ with_leading_zeros(replace_pattern('dated.platform_order_id', '^#', ''), 'statement_formats.order_id_length') }} as order_number,
        amounts.net_cents,
        amounts.components_cents,
        {{ joined_lines([
            "case when dated.header_row_id is null then 'row: not a JSON object' end",
            'dated.header_findings',
            'unreadable.findings',
            "case when dated.order_date is not null and dated.read_order_date is null then 'order date: expected a date' end",
            "case when dated.event_date is not null and dated.read_event_date is null then 'event date: expected a date' end",
            "case when dated.event_date is null and dated.event_local_time is not null and dated.read_event_local_date is null then 'event time: expected a date' end",
            "case when dated.payout_date is not null and dated.read_payout_date is null then 'payout date: expected a date' end",
            "case when dated.read_order_date > dated.last_likely_date then 'order date: " ~ too_late ~ "' end",
            "case when dated.read_event_date > dated.last_likely_date then 'event date: " ~ too_late ~ "' end",
            "case when dated.event_date is null and dated.read_event_local_date > dated.last_likely_date then 'event time: " ~ too_late ~ "' end",
            "case when dated.read_payout_date > dated.last_likely_date then 'payout date: " ~ too_late ~ "' end",
        ]) }} as findings,
        {{ real_date('dated.read_order_date') }} as stated_order_date,
        {{ real_date('coalesce(dated.read_event_date, dated.read_event_local_date)') }} as real_event_date,
        {{ real_date('dated.read_payout_date') }} as real_payout_date,
        coalesce(
            cast(dated.read_order_date as {{ dbt.type_string() }}),
            cast(dated.read_event_date as {{ dbt.type_string() }}),
            cast(dated.read_event_local_date as {{ dbt.type_string() }})
        ) as date_text
    from dated
    left join statement_formats on dated.statement_format = statement_formats.statement_format
    left join amounts
        on dated.source_file_hash = amounts.source_file_hash
        and dated.source_row_number = amounts.source_row_number
    left join unreadable
        on dated.source_file_hash = unreadable.source_file_hash
        and dated.source_row_number = unreadable.source_row_number
),

judged as (
    select
        typed.*,
        case
            when platform is null then 'statement_format: not a row of the seed statement_formats'
            when findings is not null then findings
            when item_name is not null then null
            when content = 'payouts' then case when net_cents is null then 'amounts: expected a net, found nothing' end
            when line_identity = 'transaction_id' and transaction_id is null then 'transaction id: expected text, found nothing'
            when net_cents is null and components_cents is null then 'amounts: expected at least one, found nothing'
        end as finding
    from typed
),

final as (
    select
        judged.source_file_hash,
        judged.source_row_number,
        reading.reading_id,

        judged.statement_format,
        judged.source_file_name,
        judged.platform,
        case
            when judged.finding is not null then 'rejected'
            when judged.content = 'payouts' then 'payout'
            when judged.item_name is not null then 'item_detail'
            else 'line'
        end as row_outcome,
        judged.finding,
        judged.line_identity,
        judged.order_reference,
        judged.payout_reference,
        judged.overlap_rank,
        judged.platform_store_id,
        judged.partner_store_code,
        judged.store_name,
        judged.transaction_id,
        judged.order_number as platform_order_id,
        judged.platform_order_uuid,
        judged.pos_order_id,
        judged.source_line_type,
        coalesce(statement_line_types.line_type, 'other') as line_type,
        judged.channel,
        judged.fulfilment,
        judged.description,
        judged.currency_code,
        judged.payout_id,
        judged.payout_destination,

        judged.net_cents,
        judged.components_cents,
        {{ percent_to_basis_points('judged.commission_rate') }} as stated_commission_rate_bps,

        judged.stated_order_date,
        judged.real_event_date as event_date,
        judged.real_payout_date as payout_date,
        judged.date_text,
        judged.loaded_at
    from judged
    left join statement_line_types
        on judged.statement_format = statement_line_types.statement_format
        and coalesce(judged.source_line_type, '') = coalesce(statement_line_types.source_line_type, '')
    cross join reading
)

select * from final

with

landed as (
    select * from {{ ref('stg_payout_statements__statement_rows') }}
    where loaded_at <= {{ as_of_timestamp() }}
),

loaded_files as (
    select * from {{ ref('stg_coco_load__loaded_files') }}
),

statement_formats as (
    select * from {{ ref('statement_formats') }}
),

statement_line_types as (
    select * from {{ ref('statement_line_types') }}
),

cells as (
    select * from {{ ref('int_statement_cells') }}
),

-- the rows of a file that is not named in loaded_files belong to a load that was cut off
complete as (
    select
        landed.source_file_hash,
        landed.source_row_number,
        landed.statement_format,
        landed.source_file_name,
        landed.loaded_at,
        statement_formats.platform,
        statement_formats.content,
        statement_formats.line_identity,
        statement_formats.order_reference,
        statement_formats.payout_reference,
        statement_formats.overlap_rank
    from landed
    inner join loaded_files on landed.source_file_hash = loaded_files.source_file_hash
    left join statement_formats on landed.statement_format = statement_formats.statement_format
),

attributes as (
    select
        source_file_hash,
        source_row_number,
        {%- for attribute in statement_attributes() %}
        max(case when attribute_name = '{{ attribute }}' then cell_text end) as {{ attribute }},
        {%- endfor %}
        {{ sum_cents("case when column_role = 'net' then amount_cents end") }} as net_cents,
        {{ sum_cents("case when column_role = 'amount' then amount_cents end") }} as components_cents,
        string_agg(case when not is_readable then header || ': expected an amount' end, chr(10) order by {{ binary_order('header') }}) as findings
    from cells
    group by source_file_hash, source_row_number
),

typed as (
    select
        complete.source_file_hash,
        complete.source_row_number,
        complete.statement_format,
        complete.source_file_name,
        complete.platform,
        complete.content,
        complete.line_identity,
        complete.order_reference,
        complete.payout_reference,
        complete.overlap_rank,
        attributes.platform_store_id,
        attributes.partner_store_code,
        attributes.store_name,
        attributes.transaction_id,
        {{ replace_pattern('attributes.platform_order_id', '^#', '') }} as platform_order_id,
        attributes.platform_order_uuid,
        attributes.pos_order_id,
        attributes.source_line_type,
        attributes.channel,
        attributes.fulfilment,
        attributes.description,
        attributes.item_name,
        attributes.currency_code,
        attributes.payout_id,
        attributes.payout_destination,
        attributes.net_cents,
        attributes.components_cents,
        attributes.findings,
        {{ real_date(text_to_date('attributes.order_date')) }} as stated_order_date,
        {{ real_date(text_to_date('coalesce(attributes.event_date, attributes.event_local_time)')) }} as event_date,
        {{ real_date(text_to_date('attributes.payout_date')) }} as payout_date,
        coalesce(attributes.order_date, attributes.event_date, attributes.event_local_time) as date_text,
        complete.loaded_at
    from complete
    left join attributes
        on complete.source_file_hash = attributes.source_file_hash
        and complete.source_row_number = attributes.source_row_number
),

judged as (
    select
        typed.*,
        case
            when platform is null then 'statement_format: not a row of the seed statement_formats'
            when findings is not null then findings
            when content = 'payouts' or item_name is not null then null
            when line_identity = 'transaction_id' and transaction_id is null then 'transaction id: expected text, found nothing'
            when net_cents is null and components_cents is null then 'amounts: expected at least one, found nothing'
        end as finding
    from typed
),

final as (
    select
        judged.source_file_hash,
        judged.source_row_number,

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
        judged.platform_order_id,
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

        judged.stated_order_date,
        judged.event_date,
        judged.payout_date,
        judged.date_text,
        judged.loaded_at
    from judged
    left join statement_line_types
        on judged.statement_format = statement_line_types.statement_format
        and coalesce(judged.source_line_type, '') = coalesce(statement_line_types.source_line_type, '')
)

select * from final

{#
  What Fivetran brings: source, table and its staging model. Settings of merchants are not here: they change so seldom that
  their silence says nothing.
#}
{% set tables = [
    ('deliveriesv3prod_rds_public', 'deliveries', ref('stg_deliveries_v3__deliveries')),
    ('deliveriesv3prod_rds_public', 'attempts', ref('stg_deliveries_v3__attempts')),
    ('deliveries_rds_public', 'doordash_requests', ref('stg_deliveries__doordash_requests')),
    ('deliveries_rds_public', 'doordash_responses', ref('stg_deliveries__doordash_responses')),
    ('deliveries_rds_public', 'olo_requests', ref('stg_deliveries__olo_requests')),
    ('deliveries_rds_public', 'olo_responses', ref('stg_deliveries__olo_responses')),
] %}

with

order_documents as (
    select * from {{ ref('stg_order_api__order_documents') }}
),

statement_rows as (
    select * from {{ ref('stg_payout_statements__statement_rows') }}
),

bank_transactions as (
    select * from {{ ref('stg_bank__transactions') }}
),

arrivals as (
    select
        'order_api' as source_name,
        'order_documents' as part_name,
        loaded_at as arrived_at
    from order_documents

    union all

    select
        'payout_statements' as source_name,
        statement_format as part_name,
        loaded_at as arrived_at
    from statement_rows

    union all

    select
        'bank' as source_name,
        bank_account_id as part_name,
        loaded_at as arrived_at
    from bank_transactions

    {%- for source_name, table_name, relation in tables %}

    union all

    select
        '{{ source_name }}' as source_name,
        '{{ table_name }}' as part_name,
        synced_at as arrived_at
    from {{ relation }}
    {%- endfor %}
),

known as (
    select * from arrivals
    where arrived_at <= {{ as_of_timestamp() }} and part_name is not null
),

newest as (
    select
        source_name,
        part_name,
        cast(count(*) as bigint) as arrived_row_count,
        max(arrived_at) as newest_at
    from known
    group by source_name, part_name
),

limited as (
    select
        *,
        case source_name
            {%- for source_name in ['order_api', 'payout_statements', 'bank', 'deliveriesv3prod_rds_public', 'deliveries_rds_public'] %}
            when '{{ source_name }}' then {{ stale_after_seconds(source_name) }}
            {%- endfor %}
        end as stale_after_seconds,
        {{ as_of_timestamp() }} as as_of_at
    from newest
),

measured as (
    select
        *,
        {{ seconds_between('newest_at', 'as_of_at') }} as quiet_seconds
    from limited
),

final as (
    select
        source_name,
        part_name,

        arrived_row_count,
        quiet_seconds,
        stale_after_seconds,

        coalesce(quiet_seconds > stale_after_seconds, false) as is_stale,

        newest_at,
        as_of_at
    from measured
)

select * from final

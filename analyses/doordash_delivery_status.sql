{% set delivery_columns = raw_columns(source('deliveriesv3prod_rds_public', 'deliveries')) %}
{% set response_columns = raw_columns(source('deliveries_rds_public', 'doordash_responses')) %}
{% set reference_columns = raw_columns(source('deliveries_rds_public', 'doordash_references')) %}

with

deliveries as (
    select
        {{ raw_column(delivery_columns, 'id', 'string') }} as delivery_id,
        {{ raw_column(delivery_columns, 'created_at', 'timestamp') }} as created_at
    from {{ source('deliveriesv3prod_rds_public', 'deliveries') }}
    where _fivetran_deleted = false
),

delivery_attempts as (
    select * from {{ source('deliveriesv3prod_rds_public', 'delivery_attempts') }}
),

attempts as (
    select * from {{ source('deliveriesv3prod_rds_public', 'attempts') }}
),

-- the references hold numbers, the deliveries text: the original compares the two as they are, which PostgreSQL refuses
doordash_references as (
    select
        {{ raw_column(reference_columns, 'delivery_id', 'string') }} as delivery_id,
        {{ raw_column(reference_columns, 'created_at', 'timestamp') }} as created_at
    from {{ source('deliveries_rds_public', 'doordash_references') }}
),

doordash_responses as (
    select
        {{ raw_column(response_columns, 'id', 'string') }} as response_id,
        {{ raw_column(response_columns, 'attempt_id', 'string') }} as attempt_id,
        {{ raw_column(response_columns, 'payload', 'json') }} as payload,
        {{ raw_column(response_columns, 'created_at', 'timestamp') }} as created_at
    from {{ source('deliveries_rds_public', 'doordash_responses') }}
),

-- of responses of one moment the original takes any; here the greatest id
ranked_responses as (
    select
        *,
        row_number() over (
            partition by attempt_id
            order by created_at desc nulls last, {{ binary_order('response_id') }} desc
        ) as newness
    from doordash_responses
),

-- a payload that is no JSON has no status, where the original fails
latest_responses as (
    select
        attempt_id,
        {{ json_text_at('case when ' ~ is_readable_json('payload') ~ ' then payload end', ['status']) }} as doordash_status,
        created_at
    from ranked_responses
    where newness = 1
),

-- the last 7 days are those before the moment that the warehouse is looked at from, where the original takes the clock
final as (
    select
        deliveries.delivery_id,
        attempts.provider,
        attempts.status,
        doordash_references.created_at as sent_to_doordash,
        latest_responses.doordash_status,
        latest_responses.created_at as last_update
    from deliveries
    left join delivery_attempts on deliveries.delivery_id = delivery_attempts.delivery_id
    left join attempts on delivery_attempts.attempt_id = attempts.id
    inner join doordash_references on deliveries.delivery_id = doordash_references.delivery_id
    left join latest_responses on attempts.id = latest_responses.attempt_id
    where
        attempts.provider = 'DOORDASH'
        and deliveries.created_at > {{ dbt.dateadd('day', -7, 'cast(' ~ as_of_timestamp() ~ ' as date)') }}
        and deliveries.created_at <= {{ as_of_timestamp() }}
)

select * from final

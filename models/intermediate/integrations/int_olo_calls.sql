with

requests as (
    select * from {{ ref('stg_deliveries__olo_requests') }}
),

responses as (
    select * from {{ ref('stg_deliveries__olo_responses') }}
),

calls as (
    select
        'olo:request:' || request_id as call_id,
        'request' as direction,
        cast(null as {{ dbt.type_string() }}) as stated_attempt_id,
        call_type,
        payload,
        is_deleted,
        requested_at as called_at,
        synced_at
    from requests
    union all
    select
        'olo:response:' || response_id as call_id,
        'response' as direction,
        nullif({{ trimmed('attempt_id') }}, '') as stated_attempt_id,
        call_type,
        payload,
        is_deleted,
        responded_at as called_at,
        synced_at
    from responses
),

-- what is no JSON that every engine reads alike is kept, and reads as nothing; so does what is no object
judged as (
    select
        *,
        case when {{ is_json('payload') }} then payload end as document
    from calls
),

named as (
    select
        *,
        {{ json_identifier_in('document', 'externalReference') }} as named_attempt_id,
        {{ json_identifier_in('document', 'orderId') }} as olo_order_id,
        {{ names_error('document') }} as has_error_named,
        coalesce({{ is_json_object('document') }}, false) as has_readable_payload
    from judged
),

parsed as (
    {{ parse_leaves(
        'named',
        [
            'call_id', 'direction', 'stated_attempt_id', 'named_attempt_id', 'olo_order_id',
            'call_type', 'has_error_named', 'has_readable_payload', 'is_deleted', 'called_at', 'synced_at',
        ],
        'document',
        olo_payload_leaves()
    ) }}
),

final as (
    select
        call_id,
        stated_attempt_id,
        named_attempt_id,
        olo_order_id,

        direction,
        call_type,
        status as provider_status,
        coalesce(error_code, code) as error_code,
        {{ without_long_numbers('coalesce(error_message, message)') }} as error_message,
        {{ joined_lines(['rejecting_findings', 'other_findings']) }} as payload_findings,

        {{ is_failed_payload() }} as is_failed,
        has_readable_payload,
        is_deleted,

        called_at,
        synced_at
    from parsed
)

select * from final

with

calls as (
    select * from {{ ref('int_integration_calls') }}
),

doordash_calls as (
    select * from {{ ref('int_doordash_calls') }}
),

-- a quote has no delivery yet, and a call that failed changed nothing
statuses as (
    select
        calls.attempt_id,
        calls.call_id,
        calls.provider_status,
        calls.called_at,
        lag(calls.provider_status) over (
            partition by calls.attempt_id
            order by calls.called_at, {{ binary_order('calls.call_id') }}
        ) as previous_status
    from calls
    inner join doordash_calls on calls.call_id = doordash_calls.call_id
    where
        calls.direction = 'response'
        and calls.call_type <> 'QUOTE'
        and calls.attempt_id is not null
        and calls.provider_status is not null
        and calls.called_at is not null
        and not doordash_calls.is_failed
),

changes as (
    select
        *,
        row_number() over (partition by attempt_id order by called_at, {{ binary_order('call_id') }}) as change_number,
        lag(called_at) over (partition by attempt_id order by called_at, {{ binary_order('call_id') }}) as previous_changed_at
    from statuses
    where previous_status is distinct from provider_status
),

final as (
    select
        attempt_id,
        call_id,

        cast(change_number as bigint) as change_number,
        provider_status,
        previous_status,
        {{ seconds_between('previous_changed_at', 'called_at') }} as seconds_since_previous,

        called_at as changed_at
    from changes
)

select * from final

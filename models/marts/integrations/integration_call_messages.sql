{{ config(schema='restricted') }}

with

calls as (
    select * from {{ ref('int_integration_calls') }}
),

doordash_calls as (
    select * from {{ ref('int_doordash_calls') }}
),

olo_calls as (
    select * from {{ ref('int_olo_calls') }}
),

messages as (
    select
        call_id,
        error_message,
        cancellation_words
    from doordash_calls
    union all
    select
        call_id,
        error_message,
        null as cancellation_words
    from olo_calls
),

final as (
    select
        calls.call_id,
        calls.attempt_id,

        calls.provider,
        messages.error_message,
        messages.cancellation_words as cancellation_reason,

        calls.called_at
    from calls
    inner join messages on calls.call_id = messages.call_id
    where coalesce(messages.error_message, messages.cancellation_words) is not null
)

select * from final

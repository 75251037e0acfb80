{#
  What is read from the payloads of calls to the delivery providers, as leaves of parse_leaves. A payload holds more than is declared
  here: what tells who a driver or a customer is, and where, is not read. What a provider puts in words may repeat it, and is personal.
#}

{# Of a driver only whether one is there leaves the payload: the name is declared to be checked, and marked personal. Returns: declaration. #}
{% macro doordash_payload_leaves() %}
    {{ return(error_leaves() + [
        ['fee', 'cents', 'optional'],
        ['currency', 'text', 'optional'],
        ['cancellation_reason', 'text', 'optional', 'personal'],
        ['pickup_time_estimated', 'time', 'optional'],
        ['pickup_time_actual', 'time', 'optional'],
        ['dropoff_time_estimated', 'time', 'optional'],
        ['dropoff_time_actual', 'time', 'optional'],
        ['driver', 'object', 'optional'],
        ['driver.name', 'text', 'optional', 'personal'],
    ]) }}
{% endmacro %}

{# Returns: declaration. #}
{% macro olo_payload_leaves() %}{{ return(error_leaves()) }}{% endmacro %}

{# Status and error, which stands in an object of its own or at the top. Returns: declaration. #}
{% macro error_leaves() %}
    {{ return([
        ['status', 'text', 'optional'],
        ['code', 'text', 'optional', 'personal'],
        ['message', 'text', 'optional', 'personal'],
        ['error', 'object', 'optional'],
        ['error.code', 'text', 'optional', 'personal'],
        ['error.message', 'text', 'optional', 'personal'],
    ]) }}
{% endmacro %}

{#
  Whether a payload, parsed with error_leaves, says that the call failed. No arguments: reads the column status, and has_error_named, which is
  names_error of the document. Returns boolean SQL, never null.
#}
{% macro is_failed_payload() %}(has_error_named or coalesce(lower(status) in ('failed', 'error', 'rejected', 'declined'), false)){% endmacro %}

{#
  Whether a payload names an error: a member error or code of any kind that is not empty, save a code of success (200 to 299).
  text: string SQL that is_json holds for. Returns boolean SQL, never null.
#}
{% macro names_error(text) %}
    (
        {{ holds_member(text, 'error') }}
        or ({{ holds_member(text, 'code') }} and not coalesce({{ matches(json_identifier_in(text, 'code'), '^2[0-9][0-9]$') }}, false))
    )
{%- endmacro %}

{#
  Whether a member of a JSON object holds anything: null, false, 0, a blank text, an empty object or array are nothing.
  text: string SQL that is_json holds for; member: name. Returns boolean SQL, never null; false for what is no object.
#}
{% macro holds_member(text, member) %}
{%- set empty = '^(null|false|-?0([.]0+)?|" *"|[{][[:space:]]*[}]|[[][[:space:]]*[]])$' -%}
coalesce(not {{ matches(json_member_text(text, member), empty) }}, false)
{%- endmacro %}

{#
  The JSON of a member of a JSON object. text: string SQL that is_json holds for; member: name.
  Returns string; null where there is none, and for what is no object.
#}
{% macro json_member_text(text, member) %}{{ return(adapter.dispatch('json_member_text', 'coco_warehouse')(text, member)) }}{% endmacro %}

{% macro duckdb__json_member_text(text, member) %}cast(json_extract({{ text }}, '$."{{ member }}"') as varchar){% endmacro %}

{% macro postgres__json_member_text(text, member) %}cast(cast({{ text }} as json) -> '{{ member }}' as text){% endmacro %}

{% macro spark__json_member_text(text, member) %}to_json(variant_get(try_parse_json({{ text }}), '$.{{ member }}')){% endmacro %}

{# Whether JSON is an object. text: string SQL that is_json holds for. Returns boolean; null for null. #}
{% macro is_json_object(text) %}{{ matches(text, '^[[:space:]]*[{]') }}{% endmacro %}

{#
  A code or reason as everybody may see it: one word, as systems write them, without a number of six digits or more. A provider repeats the
  phone number, the name or the address that it refuses. text: string SQL. Returns string; null for null and for any other text.
#}
{% macro code_word(text) %}
    case
        when {{ matches(text, '^[A-Za-z0-9_.:-]{1,60}$') }} and not {{ matches(text, '[0-9]([_.:-]*[0-9]){5}') }} then {{ text }}
    end
{%- endmacro %}

{#
  The class of an error that a provider names by code. code: string SQL. Returns string; 'other' for null and for codes that no class knows.
#}
{% macro provider_error_class(code) %}
    case
        when {{ matches('lower(' ~ code ~ ')', 'duplicate|already|conflict') }} then 'duplicate'
        when {{ matches('lower(' ~ code ~ ')', 'state|cancel|complete|ended') }} then 'state'
        when {{ matches('lower(' ~ code ~ ')', 'auth|forbidden|permission|credential') }} then 'authentication'
        when {{ matches('lower(' ~ code ~ ')', 'limit|thrott|too_many') }} then 'rate_limit'
        when {{ matches('lower(' ~ code ~ ')', 'not_found|unknown') }} then 'not_found'
        when {{ matches('lower(' ~ code ~ ')', 'valid|malformed|missing|bad_request') }} then 'validation'
        when {{ matches('lower(' ~ code ~ ')', 'internal|server|timeout|unavailable|gateway') }} then 'provider'
        else 'other'
    end
{%- endmacro %}

{#
  An identifier that a member of a JSON object holds: a text that is not blank, or a whole number of at most 18 digits.
  text: string SQL that is_json holds for; member: name. Returns string; null for anything else.
#}
{% macro json_identifier_in(text, member) %}{{ return(adapter.dispatch('json_identifier_in', 'coco_warehouse')(text, member)) }}{% endmacro %}

{% macro duckdb__json_identifier_in(text, member) %}
    case
        when json_type({{ text }}, '$."{{ member }}"') = 'VARCHAR' then nullif(trim(both ' ' from json_extract_string({{ text }}, '$."{{ member }}"')), '')
        when json_type({{ text }}, '$."{{ member }}"') = 'UBIGINT' and length(json_extract_string({{ text }}, '$."{{ member }}"')) <= 18
            then json_extract_string({{ text }}, '$."{{ member }}"')
    end
{%- endmacro %}

{% macro postgres__json_identifier_in(text, member) %}
    case
        when json_typeof(cast({{ text }} as json) -> '{{ member }}') = 'string' then nullif(trim(both ' ' from cast({{ text }} as json) ->> '{{ member }}'), '')
        when json_typeof(cast({{ text }} as json) -> '{{ member }}') = 'number' and cast({{ text }} as json) ->> '{{ member }}' ~ '^[0-9]{1,18}$'
            then cast({{ text }} as json) ->> '{{ member }}'
    end
{%- endmacro %}

{% macro spark__json_identifier_in(text, member) %}
    {%- set token = "variant_get(try_parse_json(" ~ text ~ "), '$." ~ member ~ "')" -%}
    case
        when {{ token_kind(token) }} = 'string' then nullif(trim(both ' ' from cast({{ token }} as string)), '')
        when schema_of_variant({{ token }}) = 'BIGINT' and {{ matches('cast(' ~ token ~ ' as string)', '^[0-9]{1,18}$') }} then cast({{ token }} as string)
    end
{%- endmacro %}

{#
  Whether a call type is also that of messages which the provider sends without being asked. call_type: string SQL. Returns boolean; null for null.
#}
{% macro is_pushed_type(call_type) %}({{ call_type }} in ('UPDATE', 'STATUS')){% endmacro %}

{#
  The calls of one delivery provider, requests and responses, with what is read from their payloads. What is no JSON that every engine reads alike
  is kept, and reads as nothing; so does what is no object.
  provider: literal, begins each id; requests, responses: names of CTEs with the staged columns; attempt_member, order_member: the payload's members
  that name the attempt and the provider's own order; leaves: declaration.
  Returns a select statement: call_id, direction, stated_attempt_id, named_attempt_id, provider_order_id, call_type, has_error_named,
  has_readable_payload, is_deleted, called_at, synced_at, and what parse_leaves returns.
#}
{% macro provider_calls(provider, requests, responses, attempt_member, order_member, leaves) %}
    with

    calls as (
        select
            '{{ provider }}:request:' || request_id as call_id,
            'request' as direction,
            cast(null as {{ dbt.type_string() }}) as stated_attempt_id,
            call_type,
            payload,
            is_deleted,
            requested_at as called_at,
            synced_at
        from {{ requests }}
        union all
        select
            '{{ provider }}:response:' || response_id as call_id,
            'response' as direction,
            nullif({{ trimmed('attempt_id') }}, '') as stated_attempt_id,
            call_type,
            payload,
            is_deleted,
            responded_at as called_at,
            synced_at
        from {{ responses }}
    ),

    judged as (
        select
            *,
            case when {{ is_json('payload') }} then payload end as document
        from calls
    ),

    named as (
        select
            *,
            {{ json_identifier_in('document', attempt_member) }} as named_attempt_id,
            {{ json_identifier_in('document', order_member) }} as provider_order_id,
            {{ names_error('document') }} as has_error_named,
            coalesce({{ is_json_object('document') }}, false) as has_readable_payload
        from judged
    ),

    parsed as (
        {{ parse_leaves(
            'named',
            [
                'call_id', 'direction', 'stated_attempt_id', 'named_attempt_id', 'provider_order_id',
                'call_type', 'has_error_named', 'has_readable_payload', 'is_deleted', 'called_at', 'synced_at',
            ],
            'document',
            leaves,
            with_personal=true
        ) }}
    )

    select * from parsed
{% endmacro %}

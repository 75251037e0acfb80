{#
  The attributes of a statement line that headers are mapped to (seed statement_columns, attribute_name). Returns: list of strings.
  A test holds the seed to this list.
#}
{% macro statement_attributes() %}
    {{ return([
        'platform_store_id',
        'partner_store_code',
        'store_name',
        'transaction_id',
        'platform_order_id',
        'platform_order_uuid',
        'pos_order_id',
        'source_line_type',
        'channel',
        'fulfilment',
        'description',
        'item_name',
        'order_status',
        'currency_code',
        'time_zone',
        'event_utc_time',
        'event_local_time',
        'event_date',
        'order_local_time',
        'order_date',
        'payout_date',
        'payout_id',
        'payout_status',
        'payout_destination',
        'commission_rate',
    ]) }}
{% endmacro %}

{#
  What a cell of a statement says: its text with white space folded; null where it is blank, NULL or N/A.
  Most cells are a number, which says what it is. text: string SQL, as landed. Returns string.
#}
{% macro stated_text(text) %}
    case
        when {{ matches(text, '^[0-9.-]+$') }} then {{ text }}
        when length({{ text }}) < 8 and upper({{ folded_blanks(text) }}) in ('NULL', 'N/A', '') then null
        else nullif({{ folded_blanks(text) }}, '')
    end
{%- endmacro %}

{#
  An order number with the leading zeros that a spreadsheet takes away. text: string SQL; length: bigint SQL, of whole numbers.
  Returns string; as it is when the length is null, or the text is longer or not of digits alone.
#}
{% macro with_leading_zeros(text, length) %}
    case
        when length({{ text }}) < {{ length }} and {{ matches(text, '^[0-9]+$') }} then lpad({{ text }}, cast({{ length }} as integer), '0')
        else {{ text }}
    end
{% endmacro %}

{# A text less its leading zeros where it is of digits alone, so that it equals what a spreadsheet leaves of it. text: string SQL. Returns string; null for null. #}
{% macro without_leading_zeros(text) %}case when {{ matches(text, '^0+[1-9][0-9]*$') }} then trim(leading '0' from {{ text }}) else {{ text }} end{% endmacro %}

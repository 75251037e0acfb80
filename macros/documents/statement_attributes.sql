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
    ]) }}
{% endmacro %}

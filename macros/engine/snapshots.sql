{#
  The moment that a snapshot writes down, in place of dbt's own on PostgreSQL, which is in the zone of the session. Returns: timestamp SQL, UTC.
#}
{% macro postgres__snapshot_get_time() %}(current_timestamp at time zone 'UTC'){% endmacro %}

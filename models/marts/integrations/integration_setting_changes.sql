{%- set snapshot_columns = [
    'external_ids', 'pickup_override_minutes', 'is_active', 'is_deviceless', 'has_unlock_pin', 'is_deleted', 'updated_at',
] %}

with

history as (
    select * from {{ ref('integration_settings_history') }}
),

states as (
    select
        *,
        lag(dbt_scd_id) over (
            partition by merchant_id, integration_source, integration_type
            order by dbt_valid_from
        ) as previous_state_id
        {%- for column in snapshot_columns %},
        lag({{ column }}) over (
            partition by merchant_id, integration_source, integration_type
            order by dbt_valid_from
        ) as previous_{{ column }}
        {%- endfor %}
    from history
),

{%- set settings = {
    'external_ids': ['external_ids', 'previous_external_ids'],
    'pickup_override_minutes': ['cast(pickup_override_minutes as ' ~ dbt.type_string() ~ ')', 'cast(previous_pickup_override_minutes as ' ~ dbt.type_string() ~ ')'],
} %}
{%- for flag in ['is_active', 'is_deviceless', 'has_unlock_pin', 'is_deleted'] %}
{%- set as_text = "case when " ~ flag ~ " then 'true' else 'false' end" %}
{%- do settings.update({flag: [as_text, as_text | replace(flag, 'previous_' ~ flag)]}) %}
{%- endfor %}

changes as (
    {%- for setting, (value, previous_value) in settings.items() %}
    select
        merchant_id,
        integration_source,
        integration_type,
        '{{ setting }}' as setting,
        {{ previous_value }} as previous_value,
        {{ value }} as value,
        updated_at,
        previous_updated_at,
        dbt_valid_from
    from states
    where
        previous_state_id is not null
        and {{ setting }} is distinct from previous_{{ setting }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- updated_at tells the moment of a change only where it moved with it
final as (
    select
        merchant_id,

        integration_source,
        integration_type,
        setting,
        previous_value,
        value,

        case when updated_at is distinct from previous_updated_at then updated_at end as changed_at,
        dbt_valid_from as seen_at
    from changes
)

select * from final

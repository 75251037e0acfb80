{%- set settings = ['external_ids', 'pickup_override_minutes', 'is_active', 'is_deviceless', 'has_unlock_pin', 'is_deleted'] -%}

with

history as (
    select * from {{ ref('integration_settings_history') }}
),

-- a setting as text, so that the values of all of them stand in one column
texts as (
    select
        merchant_id,
        integration_source,
        integration_type,
        external_ids,
        cast(pickup_override_minutes as {{ dbt.type_string() }}) as pickup_override_minutes,
        {%- for flag in ['is_active', 'is_deviceless', 'has_unlock_pin', 'is_deleted'] %}
        case when {{ flag }} then 'true' else 'false' end as {{ flag }},
        {%- endfor %}
        updated_at,
        dbt_scd_id,
        dbt_valid_from
    from history
),

states as (
    select
        *,
        {%- for setting in settings %}
        lag({{ setting }}) over states_of_settings as previous_{{ setting }},
        {%- endfor %}
        lag(updated_at) over states_of_settings as previous_updated_at,
        lag(dbt_scd_id) over states_of_settings as previous_state_id
    from texts
    window states_of_settings as (
        partition by merchant_id, integration_source, integration_type
        order by dbt_valid_from
    )
),

changes as (
    {%- for setting in settings %}
    select
        merchant_id,
        integration_source,
        integration_type,
        '{{ setting }}' as setting,
        previous_{{ setting }} as previous_value,
        {{ setting }} as value,
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

        case when updated_at = previous_updated_at then null else updated_at end as changed_at,
        dbt_valid_from as seen_at
    from changes
)

select * from final

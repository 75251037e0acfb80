-- Law 5. Each month of a roll-forward opens on what the one before closed on, the first on nothing, and none is left out.
{%- set rollforwards = {
    'clearing_rollforward': 'expected_cents + claims_booked_cents - payouts_cents - written_off_cents',
    'transit_rollforward': 'due_cents - deposited_cents - written_off_cents',
} %}
with

{% for rollforward, movements in rollforwards.items() -%}
{{ rollforward }} as (
    select
        '{{ rollforward }}' as rollforward,
        legal_entity,
        merchant_id,
        platform,
        currency_code,
        period_month_date,
        opening_cents,
        {{ movements }} as moved_cents,
        closing_cents,
        lag(closing_cents) over months as closing_before_cents,
        lag(period_month_date) over months as month_before_date
    from {{ ref(rollforward) }}
    window months as (
        partition by legal_entity, merchant_id, platform, currency_code
        order by period_month_date
    )
),

{% endfor -%}
unioned as (
    {% for rollforward in rollforwards -%}
    select * from {{ rollforward }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select *
    from unioned
    where
        opening_cents <> coalesce(closing_before_cents, 0)
        or closing_cents <> opening_cents + moved_cents
        or period_month_date <> cast({{ dbt.dateadd('month', 1, 'month_before_date') }} as date)
)

select * from final

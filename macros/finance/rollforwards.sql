{#
  What the roll-forwards of a balance share: clearing_rollforward, transit_rollforward, and the laws that they close on what is open.
#}

{#
  The balance of each merchant, platform and currency month by month, from the first movement to the month of as_of.
  movements: name of a CTE with legal_entity, merchant_id, platform, currency_code, movement_date, movement_type, movement_cents;
  rollforward: literal, as int_closed_rollforwards names it; increases, decreases: the movement types that add to the balance and that lessen it.
  Returns a select statement: legal_entity, merchant_id, platform, currency_code, period_month_date, opening_cents, a column <movement type>_cents
  for each type, closing_cents, is_closed_period (null where no month is closed).
#}
{% macro monthly_balances(movements, rollforward, increases, decreases) %}
{%- set movement_types = increases + decreases %}
    with

    closed_movements as (
        select * from {{ ref('int_closed_rollforwards') }}
        where rollforward = '{{ rollforward }}'
    ),

    last_close as (
        select * from {{ ref('int_last_close') }}
    ),

    -- closed months hold what was closed; what they would hold beyond it by now moves in the first open month
    posted as (
        select
            movements.legal_entity,
            movements.merchant_id,
            movements.platform,
            movements.currency_code,
            movements.movement_type,
            greatest({{ first_of_month('movements.movement_date') }}, last_close.first_open_month_date) as period_month_date,
            movements.movement_cents
        from {{ movements }} as movements
        cross join last_close
        union all
        select
            closed_movements.legal_entity,
            closed_movements.merchant_id,
            closed_movements.platform,
            closed_movements.currency_code,
            closed_movements.movement_type,
            last_close.first_open_month_date as period_month_date,
            -closed_movements.movement_cents as movement_cents
        from closed_movements
        cross join last_close
        where closed_movements.movement_cents <> 0
        union all
        select
            legal_entity,
            merchant_id,
            platform,
            currency_code,
            movement_type,
            period_month_date,
            movement_cents
        from closed_movements
    ),

    totals as (
        select
            legal_entity,
            merchant_id,
            platform,
            currency_code,
            {%- for type in movement_types %}
            {{ sum_cents("case when movement_type = '" ~ type ~ "' then movement_cents else 0 end") }} as {{ type }}_cents,
            {%- endfor %}
            period_month_date
        from posted
        group by legal_entity, merchant_id, platform, currency_code, period_month_date
    ),

    -- every month from the first movement on, so that a balance is seen in months in which nothing moves
    spans as (
        select
            legal_entity,
            merchant_id,
            platform,
            currency_code,
            min(period_month_date) as first_month_date,
            greatest(max(period_month_date), {{ first_of_month(as_of_timestamp()) }}) as last_month_date
        from totals
        group by legal_entity, merchant_id, platform, currency_code
    ),

    months as (
        select
            legal_entity,
            merchant_id,
            platform,
            currency_code,
            {{ each_month('first_month_date', 'last_month_date') }} as period_month_date
        from spans
    ),

    filled as (
        select
            months.legal_entity,
            months.merchant_id,
            months.platform,
            months.currency_code,
            {%- for type in movement_types %}
            coalesce(totals.{{ type }}_cents, 0) as {{ type }}_cents,
            {%- endfor %}
            months.period_month_date
        from months
        left join totals
            on months.legal_entity = totals.legal_entity
            and coalesce(months.merchant_id, '') = coalesce(totals.merchant_id, '')
            and coalesce(months.platform, '') = coalesce(totals.platform, '')
            and coalesce(months.currency_code, '') = coalesce(totals.currency_code, '')
            and months.period_month_date = totals.period_month_date
    ),

    netted as (
        select
            *,
            {% for type in increases %}{{ ' + ' if not loop.first }}{{ type }}_cents{% endfor %}
            {%- for type in decreases %} - {{ type }}_cents{% endfor %} as net_cents
        from filled
    )

    select
        netted.legal_entity,
        netted.merchant_id,
        netted.platform,
        netted.currency_code,
        netted.period_month_date,
        cast((sum(netted.net_cents) over months_until_now) - netted.net_cents as bigint) as opening_cents,
        {%- for type in movement_types %}
        netted.{{ type }}_cents,
        {%- endfor %}
        cast(sum(netted.net_cents) over months_until_now as bigint) as closing_cents,
        netted.period_month_date <= last_close.last_closed_month_date as is_closed_period
    from netted
    cross join last_close
    window months_until_now as (
        partition by netted.legal_entity, netted.merchant_id, netted.platform, netted.currency_code
        order by netted.period_month_date
        rows unbounded preceding
    )
{% endmacro %}

{#
  The balances that a roll-forward closes on and that open items do not come to, or that they come to and it does not close on.
  rollforward: Relation of a roll-forward; open_items: name of a CTE with legal_entity (null: in no books), merchant_id, platform, currency_code, open_cents.
  Returns a select statement: legal_entity, merchant_id, platform, currency_code, closing_cents, open_cents.
#}
{% macro closings_not_open(rollforward, open_items) %}
    with

    months as (
        select
            *,
            row_number() over (
                partition by legal_entity, merchant_id, platform, currency_code
                order by period_month_date desc
            ) as recency
        from {{ rollforward }}
    ),

    closings as (
        select * from months
        where recency = 1
    ),

    opened as (
        select
            legal_entity,
            merchant_id,
            platform,
            currency_code,
            sum(open_cents) as open_cents
        from {{ open_items }}
        where legal_entity is not null
        group by legal_entity, merchant_id, platform, currency_code
    )

    select
        coalesce(closings.legal_entity, opened.legal_entity) as legal_entity,
        coalesce(closings.merchant_id, opened.merchant_id) as merchant_id,
        coalesce(closings.platform, opened.platform) as platform,
        coalesce(closings.currency_code, opened.currency_code) as currency_code,
        closings.closing_cents,
        opened.open_cents
    from closings
    full outer join opened
        on closings.legal_entity = opened.legal_entity
        and coalesce(closings.merchant_id, '') = coalesce(opened.merchant_id, '')
        and coalesce(closings.platform, '') = coalesce(opened.platform, '')
        and coalesce(closings.currency_code, '') = coalesce(opened.currency_code, '')
    where coalesce(closings.closing_cents, 0) <> coalesce(opened.open_cents, 0)
{% endmacro %}

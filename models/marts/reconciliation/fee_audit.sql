with

fees as (
    select * from {{ ref('int_charged_fees') }}
),

-- within one schedule the terms agreed are the same for all orders
agreed as (
    select
        store_id,
        merchant_id,
        platform,
        currency_code,
        fee_schedule_id,
        charge_type,
        pay_period_start_date,
        max(agreed_base) as agreed_base,
        max(agreed_rate_bps) as agreed_rate_bps,
        max(agreed_fixed_cents) as agreed_fixed_cents,
        count(*) as order_count,
        cast(sum(case when is_as_agreed then 1 else 0 end) as bigint) as agreed_order_count,
        cast(sum(case when charged_base is null then 1 else 0 end) as bigint) as unexplained_order_count,
        {{ sum_cents('agreed_base_cents') }} as agreed_base_cents,
        {{ sum_cents('expected_cents') }} as expected_cents,
        {{ sum_cents('agreed_cents') }} as agreed_cents,
        {{ sum_cents('stated_cents') }} as stated_cents
    from fees
    group by store_id, merchant_id, platform, currency_code, fee_schedule_id, charge_type, pay_period_start_date
),

terms as (
    select
        store_id,
        merchant_id,
        currency_code,
        fee_schedule_id,
        charge_type,
        pay_period_start_date,
        charged_base,
        charged_rate_bps,
        charged_fixed_cents,
        is_as_agreed,
        count(*) as order_count,
        {{ sum_cents('charged_base_cents') }} as charged_base_cents,
        min(charged_from_date) as charged_from_date
    from fees
    where charged_base is not null
    group by
        store_id, merchant_id, currency_code, fee_schedule_id, charge_type, pay_period_start_date,
        charged_base, charged_rate_bps, charged_fixed_cents, is_as_agreed
),

-- what most orders were charged at; as agreed where that holds for as many
ranked as (
    select
        terms.*,
        row_number() over (
            partition by store_id, merchant_id, currency_code, fee_schedule_id, charge_type, pay_period_start_date
            order by
                order_count desc,
                case when is_as_agreed then 0 else 1 end,
                {{ binary_order('charged_base') }},
                charged_rate_bps,
                charged_fixed_cents
        ) as preference
    from terms
),

-- since when the orders of the period that other terms explain have been charged so, the longest run going first
changes as (
    select
        store_id,
        merchant_id,
        currency_code,
        fee_schedule_id,
        charge_type,
        pay_period_start_date,
        charged_from_date,
        row_number() over (
            partition by store_id, merchant_id, currency_code, fee_schedule_id, charge_type, pay_period_start_date
            order by run_order_count desc, charged_from_date asc
        ) as preference
    from fees
    where not is_as_agreed and charged_from_date is not null
),

compared as (
    select
        agreed.*,
        ranked.charged_base,
        ranked.charged_rate_bps,
        ranked.charged_fixed_cents,
        ranked.charged_base_cents,
        coalesce(ranked.order_count, 0) as charged_order_count,
        changes.charged_from_date as changed_from_date
    from agreed
    left join ranked
        on agreed.store_id = ranked.store_id
        and coalesce(agreed.merchant_id, '') = coalesce(ranked.merchant_id, '')
        and agreed.currency_code = ranked.currency_code
        and agreed.fee_schedule_id = ranked.fee_schedule_id
        and agreed.charge_type = ranked.charge_type
        and agreed.pay_period_start_date = ranked.pay_period_start_date
        and ranked.preference = 1
    left join changes
        on agreed.store_id = changes.store_id
        and coalesce(agreed.merchant_id, '') = coalesce(changes.merchant_id, '')
        and agreed.currency_code = changes.currency_code
        and agreed.fee_schedule_id = changes.fee_schedule_id
        and agreed.charge_type = changes.charge_type
        and agreed.pay_period_start_date = changes.pay_period_start_date
        and changes.preference = 1
),

final as (
    select
        {{ hashed_key([
            'store_id', 'merchant_id', 'currency_code', 'fee_schedule_id', 'charge_type',
            'cast(pay_period_start_date as ' ~ dbt.type_string() ~ ')',
        ]) }} as fee_audit_id,
        store_id,
        merchant_id,
        fee_schedule_id,
        platform,
        currency_code,
        charge_type,
        case
            when agreed_order_count = order_count then 'as_agreed'
            when charged_base is null then 'unexplained'
            when charged_base = agreed_base and charged_rate_bps = agreed_rate_bps and charged_fixed_cents = agreed_fixed_cents
                then 'single_orders'
            when agreed_base = 'none' then 'not_agreed'
            when charged_base <> agreed_base and charged_rate_bps <> agreed_rate_bps then 'another_rate_and_base'
            when charged_base <> agreed_base then 'another_base'
            when charged_rate_bps <> agreed_rate_bps then 'another_rate'
            else 'another_fixed_fee'
        end as fee_state,
        agreed_base,
        agreed_rate_bps,
        charged_base,
        charged_rate_bps,
        order_count,
        agreed_order_count,
        charged_order_count,
        unexplained_order_count,
        agreed_fixed_cents,
        charged_fixed_cents,
        agreed_base_cents,
        charged_base_cents,
        expected_cents,
        agreed_cents,
        stated_cents,
        stated_cents - agreed_cents as difference_cents,
        pay_period_start_date,
        changed_from_date
    from compared
)

select * from final

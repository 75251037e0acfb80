{#
  A store that the store map knows on a day on which no row of payee_accounts says where it is paid, or in a currency that its account is not in.
  payees: Relation of int_store_payees. It stops the run with the rows; returns nothing.
#}
{% macro stop_on_stores_without_payee(payees) %}
    {%- set text = dbt.type_string() -%}
    {%- set query -%}
        with

        today as (
            select cast({{ as_of_timestamp() }} as date) as last_day
        ),

        store_map as (
            select * from {{ ref('int_store_map') }}
        ),

        mapped as (
            select
                store_map.platform || ':' || store_map.platform_store_id as store_id,
                store_map.currency_code,
                store_map.valid_from,
                case
                    when store_map.valid_to < today.last_day then store_map.valid_to
                    else today.last_day
                end as valid_to
            from store_map
            cross join today
            where store_map.valid_from <= today.last_day
        ),

        -- a day without a payee is the first day of the store, or the day after a payee ends
        days as (
            select store_id, currency_code, valid_from as day from mapped
            union
            select mapped.store_id, mapped.currency_code, {{ add_days('payees.valid_to', '1') }} as day
            from mapped
            inner join {{ payees }} as payees
                on mapped.store_id = payees.store_id
                and payees.valid_to >= mapped.valid_from
                and payees.valid_to < mapped.valid_to
        ),

        gaps as (
            select
                days.store_id,
                'no row holds on ' || cast(days.day as {{ text }}) as gap_text
            from days
            left join {{ payees }} as payees
                on days.store_id = payees.store_id
                and days.day between payees.valid_from and payees.valid_to
            where payees.store_id is null
        ),

        other_currencies as (
            select
                mapped.store_id,
                'is paid in ' || mapped.currency_code || ' and its account ' || payees.bank_account_id
                || ' is in ' || payees.currency_code as gap_text
            from mapped
            inner join {{ payees }} as payees
                on mapped.store_id = payees.store_id
                and payees.valid_from <= mapped.valid_to
                and payees.valid_to >= mapped.valid_from
            where mapped.currency_code <> payees.currency_code
        )

        select * from gaps
        union
        select * from other_currencies
        order by 1, 2
    {%- endset -%}
    {%- do stop_on_rows(query, 'The seed payee_accounts does not say where these stores of store_map are paid; add a row, or correct its days or its currency:') -%}
{% endmacro %}

with

closed_exceptions as (
    select * from {{ ref('int_closed_exceptions') }}
),

final as (
    select
        {{ hashed_key(['exception_id', 'cast(period_month_date as ' ~ dbt.type_string() ~ ')']) }} as closed_exception_id,
        exception_id,
        subject_id,
        store_id,
        merchant_id,

        subject_type,
        platform,
        legal_entity,
        currency_code,
        break_class,
        status,
        owner,
        aging_bucket,

        open_cents,

        due_date,
        period_month_date
    from closed_exceptions
)

select * from final

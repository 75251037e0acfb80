-- what each resolution settles of its exception, and what a reopening takes back
with

resolutions as (
    select * from {{ ref('stg_finance__exception_resolutions') }}
    where loaded_at <= {{ as_of_timestamp() }}
),

loaded_files as (
    select * from {{ ref('stg_coco_load__loaded_files') }}
),

resolution_codes as (
    select * from {{ ref('resolution_codes') }}
),

-- the rows of a file that is not named in loaded_files belong to a load that was cut off
complete as (
    select
        resolutions.*,
        resolution_codes.outcome,
        cast(
            row_number() over (
                partition by resolutions.exception_id
                order by resolutions.loaded_at, {{ binary_order('resolutions.source_file_hash') }}, resolutions.source_row_number
            ) as bigint
        ) as resolution_number
    from resolutions
    inner join loaded_files on resolutions.source_file_hash = loaded_files.source_file_hash
    left join resolution_codes on resolutions.resolution_code = resolution_codes.resolution_code
),

-- a reopening undoes what was settled since the one before it
counted as (
    select
        complete.*,
        sum(case when outcome = 'reopened' then 1 else 0 end) over (
            partition by exception_id
            order by resolution_number
            rows unbounded preceding
        ) - case when outcome = 'reopened' then 1 else 0 end as reopened_before,
        sum(case when outcome = 'reopened' then 1 else 0 end) over (partition by exception_id) as reopened_in_all
    from complete
),

settled as (
    select
        counted.*,
        cast(
            sum(case when outcome = 'resolved' then amount_cents else 0 end) over (partition by exception_id, reopened_before) as bigint
        ) as resolved_between_cents,
        cast(
            sum(case when outcome = 'written_off' then amount_cents else 0 end) over (partition by exception_id, reopened_before) as bigint
        ) as written_off_between_cents
    from counted
),

-- it counts for the month that it was made for: on the day of its load, or on the last of the month where that came later
final as (
    select
        resolution_id,
        exception_id,
        resolution_number,
        subject_id,
        order_id,
        statement_line_id,
        payout_id,
        deposit_id,
        store_id,
        merchant_id,

        platform,
        legal_entity,
        currency_code,
        subject_type,
        break_class,
        resolution_code,
        outcome,
        reason,
        resolved_by,
        owner,
        evidence_reference,
        source_file_name,
        source_file_hash,
        source_row_number,

        amount_cents,
        exception_cents,
        case
            when outcome = 'resolved' then amount_cents
            when outcome = 'reopened' then -resolved_between_cents
            else cast(0 as bigint)
        end as resolved_cents,
        case
            when outcome = 'written_off' then amount_cents
            when outcome = 'reopened' then -written_off_between_cents
            else cast(0 as bigint)
        end as written_off_cents,

        reopened_before < reopened_in_all as is_undone,

        period_month_date,
        greatest(
            posting_date,
            case
                when cast({{ dbt.date_trunc('month', 'loaded_at') }} as date) > period_month_date
                    then {{ dbt.last_day('period_month_date', 'month') }}
                else cast(loaded_at as date)
            end
        ) as resolution_date,
        posting_date,
        first_seen_date,
        due_date,
        loaded_at
    from settled
)

select * from final

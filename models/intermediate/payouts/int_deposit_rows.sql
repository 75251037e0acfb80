-- what each landed row of a bank export is: a platform's deposit, something else, a repetition of a row of another export, or unreadable
{%- set text = dbt.type_string() %}
with

landed as (
    select * from {{ ref('stg_bank__transactions') }}
    where loaded_at <= {{ as_of_timestamp() }}
),

loaded_files as (
    select * from {{ ref('stg_coco_load__loaded_files') }}
),

deposit_descriptions as (
    select * from {{ ref('deposit_descriptions') }}
),

-- the rows of a file that is not named in loaded_files belong to a load that was cut off
complete as (
    select
        landed.*,
        {{ hashed_key([
            "landed.currency_code", "landed.description", "landed.payment_reference",
            "cast(landed.amount_cents as " ~ text ~ ")", "cast(landed.posted_date as " ~ text ~ ")",
        ]) }} as content_key,
        case
            when landed.bank_account_id is null then 'account_id: expected text, found nothing'
            when not landed.is_amount_readable or landed.amount_cents is null then 'amount: expected an amount'
            when landed.posted_date is null then 'posted_date: expected a date'
            when landed.posted_date > {{ add_days('cast(landed.loaded_at as date)', '366') }}
                then 'posted_date: expected a day no more than a year after the load'
            when landed.currency_code is null or landed.currency_code = '' then 'currency: expected a code, found nothing'
        end as finding
    from landed
    inner join loaded_files on landed.source_file_hash = loaded_files.source_file_hash
),

-- two like rows of one file are two transactions; without an id a transaction is known by its cells and its number among like rows
numbered as (
    select
        complete.*,
        row_number() over (
            partition by source_file_hash, bank_account_id, content_key
            order by source_row_number
        ) as occurrence
    from complete
    where finding is null
),

identified as (
    select
        numbered.*,
        bank_account_id || ':' || coalesce(
            bank_transaction_id,
            cast(posted_date as {{ text }}) || ':' || content_key || ':' || cast(occurrence as {{ text }})
        ) as deposit_id
    from numbered
),

-- a bank can change what it says of a transaction: what it said last counts
latest as (
    select
        identified.*,
        first_value(content_key) over (
            partition by deposit_id
            order by loaded_at desc, {{ binary_order('source_file_hash') }}, source_row_number desc
            rows between unbounded preceding and unbounded following
        ) as latest_content_key,
        min(loaded_at) over (partition by deposit_id) as first_loaded_at
    from identified
),

ranked as (
    select
        latest.*,
        row_number() over (
            partition by deposit_id
            order by
                case when content_key = latest_content_key then 0 else 1 end,
                loaded_at,
                {{ binary_order('source_file_hash') }},
                source_row_number
        ) as standing_rank
    from latest
),

-- of several patterns the longest says most
described as (
    select
        ranked.source_file_hash,
        ranked.source_row_number,
        deposit_descriptions.platform,
        row_number() over (
            partition by ranked.source_file_hash, ranked.source_row_number
            order by length(deposit_descriptions.description_pattern) desc, {{ binary_order('deposit_descriptions.description_pattern') }}
        ) as pattern_rank
    from ranked
    inner join deposit_descriptions
        on upper({{ trimmed('ranked.description') }}) like upper(deposit_descriptions.description_pattern)
    where ranked.standing_rank = 1
),

final as (
    select
        complete.source_file_hash,
        complete.source_row_number,
        ranked.deposit_id,
        complete.bank_transaction_id,
        complete.bank_account_id,

        case
            when complete.finding is not null then 'rejected'
            when ranked.standing_rank > 1 then 'repeated'
            when described.platform is not null then 'deposit'
            else 'other'
        end as row_outcome,
        complete.finding,
        described.platform,
        complete.currency_code,
        complete.description,
        nullif({{ trimmed('complete.payment_reference') }}, '') as payment_reference,
        complete.source_file_name,

        complete.amount_cents,

        complete.posted_date,
        coalesce(ranked.first_loaded_at, complete.loaded_at) as loaded_at
    from complete
    left join ranked
        on complete.source_file_hash = ranked.source_file_hash
        and complete.source_row_number = ranked.source_row_number
    left join described
        on complete.source_file_hash = described.source_file_hash
        and complete.source_row_number = described.source_row_number
        and described.pattern_rank = 1
)

select * from final

-- Law 1, of the bank. Every landed row of a bank export is a deposit, something else, a repetition or rejected, and is so once;
-- every deposit is in the mart, with the cents of its row.
with

files as (
    select * from {{ ref('stg_coco_load__loaded_files') }}
),

transactions as (
    select * from {{ ref('stg_bank__transactions') }}
),

landed as (
    select
        count(*) as row_count,
        coalesce(sum(transactions.amount_cents), 0) as landed_cents
    from transactions
    inner join files on transactions.source_file_hash = files.source_file_hash
    where transactions.loaded_at <= {{ as_of_timestamp() }}
),

judged as (
    select
        count(case when row_outcome = 'deposit' then 1 end) as deposit_count,
        count(case when row_outcome = 'other' then 1 end) as other_count,
        count(case when row_outcome = 'repeated' then 1 end) as repeated_count,
        count(case when row_outcome = 'rejected' then 1 end) as rejected_count,
        coalesce(sum(amount_cents), 0) as judged_cents,
        coalesce(sum(case when row_outcome = 'deposit' then amount_cents end), 0) as deposit_cents
    from {{ ref('int_deposit_rows') }}
),

marts as (
    select
        count(*) as mart_count,
        coalesce(sum(deposited_cents), 0) as mart_cents
    from {{ ref('deposits') }}
),

final as (
    select
        landed.*,
        judged.*,
        marts.*
    from landed
    cross join judged
    cross join marts
    where
        landed.row_count <> judged.deposit_count + judged.other_count + judged.repeated_count + judged.rejected_count
        or landed.landed_cents <> judged.judged_cents
        or judged.deposit_count <> marts.mart_count
        or judged.deposit_cents <> marts.mart_cents
)

select * from final

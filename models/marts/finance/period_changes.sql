{%- set text = dbt.type_string() -%}
with

last_close as (
    select * from {{ ref('int_last_close') }}
),

closed_figures as (
    select * from {{ ref('int_closed_figures') }}
),

period_figures as (
    select * from {{ ref('period_figures') }}
),

document_versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state <> 'rejected'
),

line_states as (
    select * from {{ ref('statement_line_states') }}
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
),

payout_deposits as (
    select * from {{ ref('payout_deposits') }}
),

deposits as (
    select * from {{ ref('deposits') }}
),

resolutions as (
    select * from {{ ref('int_exception_resolutions') }}
),

computed_figures as (
    select period_figures.*
    from period_figures
    inner join last_close on period_figures.period_month_date <= last_close.last_closed_month_date
),

compared as (
    select
        subject_type,
        subject_id,
        figure,
        currency_code,
        figure_month_date as period_month_date,
        order_id,
        store_id,
        merchant_id,
        platform,
        legal_entity,
        figure_cents as before_cents,
        cast(0 as bigint) as after_cents
    from closed_figures
    union all
    select
        subject_type,
        subject_id,
        figure,
        currency_code,
        period_month_date,
        order_id,
        store_id,
        merchant_id,
        platform,
        legal_entity,
        cast(0 as bigint) as before_cents,
        figure_cents as after_cents
    from computed_figures
),

-- what is in other books than it was is a change in both
changed as (
    select
        subject_type,
        subject_id,
        figure,
        legal_entity,
        merchant_id,
        currency_code,
        period_month_date,
        max(order_id) as order_id,
        max(store_id) as store_id,
        max(platform) as platform,
        {{ sum_cents('before_cents') }} as before_cents,
        {{ sum_cents('after_cents') }} as after_cents
    from compared
    group by subject_type, subject_id, figure, legal_entity, merchant_id, currency_code, period_month_date
    having sum(before_cents) <> sum(after_cents)
),

-- the versions of an order's document since the close
documents as (
    select
        'order' as subject_type,
        document_versions.order_id as subject_id,
        case
            when min(document_versions.loaded_at) over (partition by document_versions.order_id) > last_close.last_as_of_at
                then 'order_late'
            else 'order_restated'
        end as reason,
        document_versions.source_file_name,
        document_versions.loaded_at
    from document_versions
    cross join last_close
),

lines as (
    select
        statement_lines.order_id,
        statement_lines.statement_line_id,
        statement_lines.payout_id,
        case when statement_lines.first_loaded_at > last_close.last_as_of_at then 'line_late' else 'line_restated' end as reason,
        line_states.source_file_name,
        line_states.is_standing,
        line_states.loaded_at
    from line_states
    inner join statement_lines on line_states.statement_line_id = statement_lines.statement_line_id
    cross join last_close
),

-- a report that does not stand can still be the one that tells of the payout
{% for states, condition in [('lines', 'is_standing'), ('states', 'not is_standing')] %}
subject_{{ states }} as (
    select
        case when order_id is not null then 'order' else 'statement_line' end as subject_type,
        coalesce(order_id, statement_line_id) as subject_id,
        reason,
        source_file_name,
        loaded_at
    from lines
    where {{ condition }}
),

payout_{{ states }} as (
    select
        'payout' as subject_type,
        payout_id as subject_id,
        reason,
        source_file_name,
        loaded_at
    from lines
    where payout_id is not null and {{ condition }}
),

{% endfor -%}
-- a line that named no order the documents knew leaves its own figures once one comes
line_documents as (
    select
        'statement_line' as subject_type,
        lines.statement_line_id as subject_id,
        documents.reason,
        documents.source_file_name,
        documents.loaded_at
    from lines
    inner join documents on lines.order_id = documents.subject_id
    where lines.is_standing
),

deposits_of_subjects as (
    select
        'payout' as subject_type,
        payout_deposits.payout_id as subject_id,
        'deposit_late' as reason,
        deposits.source_file_name,
        deposits.loaded_at
    from payout_deposits
    inner join deposits on payout_deposits.deposit_id = deposits.deposit_id
    union all
    select
        'deposit' as subject_type,
        deposit_id as subject_id,
        'deposit_late' as reason,
        source_file_name,
        loaded_at
    from deposits
),

exception_resolutions as (
    select
        'exception' as subject_type,
        exception_id as subject_id,
        'resolution_late' as reason,
        source_file_name,
        loaded_at
    from resolutions
),

-- what was loaded since the close and can have moved a figure, the likeliest first
evidence as (
    {%- for relation, figure, preference in [
        ('documents', 'expected', 1),
        ('subject_lines', 'stated', 1),
        ('documents', 'stated', 2),
        ('subject_lines', 'settled', 1),
        ('documents', 'settled', 2),
        ('subject_lines', 'claimed', 1),
        ('documents', 'claimed', 2),
        ('line_documents', 'stated', 2),
        ('line_documents', 'settled', 2),
        ('line_documents', 'claimed', 2),
        ('subject_states', 'stated', 3),
        ('subject_states', 'settled', 3),
        ('subject_states', 'claimed', 3),
        ('payout_lines', 'due', 1),
        ('payout_states', 'due', 2),
        ('deposits_of_subjects', 'deposited', 1),
        ('payout_lines', 'deposited', 2),
        ('payout_states', 'deposited', 3),
        ('exception_resolutions', 'written_off', 1),
    ] %}
    {{ 'union all' if not loop.first }}
    select
        {{ relation }}.*,
        '{{ figure }}' as figure,
        {{ preference }} as preference
    from {{ relation }}
    inner join last_close on {{ relation }}.loaded_at > last_close.last_as_of_at
    {%- endfor %}
),

explained as (
    select
        changed.*,
        evidence.reason,
        evidence.source_file_name,
        evidence.loaded_at,
        row_number() over (
            partition by
                changed.subject_type, changed.subject_id, changed.figure, changed.legal_entity, changed.merchant_id,
                changed.currency_code, changed.period_month_date
            order by
                evidence.preference,
                evidence.loaded_at desc,
                {{ binary_order('evidence.source_file_name') }},
                -- a file can bring a line of a payout and restate another: what is new goes first
                {{ binary_order('evidence.reason') }}
        ) as evidence_rank
    from changed
    left join evidence
        on changed.subject_type = evidence.subject_type
        and changed.subject_id = evidence.subject_id
        and changed.figure = evidence.figure
),

-- where nothing of it was loaded, terms or what it was matched with have changed
current_changes as (
    select
        explained.subject_type,
        explained.subject_id,
        explained.figure,
        explained.order_id,
        explained.store_id,
        explained.merchant_id,
        explained.platform,
        explained.legal_entity,
        explained.currency_code,
        coalesce(
            explained.reason,
            case
                when explained.figure in ('expected', 'claimed') then 'terms_changed'
                when explained.figure = 'courier_cost' then 'delivery_changed'
                else 'assigned_otherwise'
            end
        ) as change_reason,
        explained.source_file_name,
        explained.before_cents,
        explained.after_cents,
        explained.period_month_date,
        last_close.first_open_month_date as adjustment_month_date,
        explained.loaded_at
    from explained
    cross join last_close
    where explained.evidence_rank = 1
),

-- what had changed by later closes was posted with them, and stays
closed_changes as (
    select
        subject_type,
        subject_id,
        figure,
        order_id,
        store_id,
        merchant_id,
        platform,
        legal_entity,
        currency_code,
        change_reason,
        source_file_name,
        before_cents,
        after_cents,
        figure_month_date as period_month_date,
        period_month_date as adjustment_month_date,
        source_loaded_at as loaded_at
    from closed_figures
    where change_reason is not null
),

unioned as (
    select * from current_changes
    union all
    select * from closed_changes
),

final as (
    select
        {{ hashed_key([
            'subject_type', 'subject_id', 'figure', 'legal_entity', 'merchant_id', 'currency_code', 'cast(period_month_date as ' ~ text ~ ')',
            'cast(adjustment_month_date as ' ~ text ~ ')',
        ]) }} as period_change_id,
        subject_id,
        order_id,
        store_id,
        merchant_id,

        subject_type,
        figure,
        platform,
        legal_entity,
        currency_code,
        change_reason,
        source_file_name,

        before_cents,
        after_cents,
        after_cents - before_cents as difference_cents,

        period_month_date,
        adjustment_month_date,
        loaded_at
    from unioned
)

select * from final

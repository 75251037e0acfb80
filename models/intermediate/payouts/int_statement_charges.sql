with

lines as (
    select * from {{ ref('int_statement_line_states') }}
    where is_standing
),

cells as (
    select * from {{ ref('int_statement_cells') }}
    where column_role = 'amount' and amount_cents <> 0
),

statement_charge_types as (
    select * from {{ ref('statement_charge_types') }}
),

components as (
    select
        lines.statement_line_id,
        lines.statement_format,
        lines.source_line_type,
        lines.description,
        coalesce(lines.stated_order_date, lines.event_date, lines.line_payout_date, cast(lines.loaded_at as date)) as charge_date,
        cells.header,
        cells.amount_cents
    from lines
    inner join cells
        on lines.source_file_hash = cells.source_file_hash
        and lines.source_row_number = cells.source_row_number
),

-- stands for what the components do not explain of the stated net
remainders as (
    select
        statement_line_id,
        statement_format,
        source_line_type,
        description,
        coalesce(stated_order_date, event_date, line_payout_date, cast(loaded_at as date)) as charge_date,
        '(remainder)' as header,
        net_cents as amount_cents
    from lines
),

amounts as (
    select * from components
    union all
    select * from remainders
),

-- the rule that says most about the line wins: its description, the longest pattern of several, then its type
rules as (
    select
        amounts.statement_line_id,
        amounts.header,
        amounts.amount_cents,
        statement_charge_types.charge_type,
        statement_charge_types.sign,
        row_number() over (
            partition by amounts.statement_line_id, amounts.header
            order by
                case when statement_charge_types.description_pattern is not null then 0 else 1 end,
                length(statement_charge_types.description_pattern) desc,
                case when statement_charge_types.source_line_type is not null then 0 else 1 end,
                {{ binary_order('statement_charge_types.description_pattern') }},
                {{ binary_order('statement_charge_types.charge_type') }}
        ) as rule_rank
    from amounts
    left join statement_charge_types
        on amounts.statement_format = statement_charge_types.statement_format
        and amounts.header = statement_charge_types.header
        and (statement_charge_types.source_line_type is null or amounts.source_line_type = statement_charge_types.source_line_type)
        and (statement_charge_types.description_pattern is null or amounts.description like statement_charge_types.description_pattern)
        and amounts.charge_date between statement_charge_types.valid_from and coalesce(statement_charge_types.valid_to, date '9999-12-31')
),

signed as (
    select
        statement_line_id,
        coalesce(charge_type, 'remainder') as charge_type,
        header = '(remainder)' as is_remainder,
        amount_cents,
        case when header = '(remainder)' then 0 else amount_cents * coalesce(sign, 1) end as component_cents
    from rules
    where rule_rank = 1
),

-- the remainder is kept under a name of its own: all charges of a line come to its stated net
balanced as (
    select
        statement_line_id,
        charge_type,
        case
            when is_remainder then amount_cents - sum(component_cents) over (partition by statement_line_id)
            else component_cents
        end as charge_cents
    from signed
),

final as (
    select
        statement_line_id,
        charge_type,

        {{ sum_cents('charge_cents') }} as stated_cents
    from balanced
    where charge_cents <> 0
    group by statement_line_id, charge_type
)

select * from final

with

charges as (
    select * from {{ ref('int_statement_charges') }}
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
),

final as (
    select
        charges.statement_line_id,
        charges.charge_type,
        statement_lines.order_id,
        statement_lines.store_id,
        statement_lines.merchant_id,
        statement_lines.payout_id,

        statement_lines.platform,
        statement_lines.line_type,
        statement_lines.currency_code,

        charges.stated_cents,

        statement_lines.posting_date,
        statement_lines.payout_date
    from charges
    inner join statement_lines on charges.statement_line_id = statement_lines.statement_line_id
)

select * from final

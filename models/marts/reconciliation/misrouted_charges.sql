with

charges as (
    select * from {{ ref('stated_charges') }}
    where stated_cents <> 0
),

statement_lines as (
    select * from {{ ref('statement_lines') }}
),

billing_routes as (
    select * from {{ ref('int_billing_routes') }}
),

dated as (
    select
        charges.*,
        statement_lines.description,
        statement_lines.source_file_name,
        statement_lines.source_row_number,
        coalesce(statement_lines.event_date, statement_lines.posting_date) as charged_date
    from charges
    inner join statement_lines on charges.statement_line_id = statement_lines.statement_line_id
),

-- a store's own route goes before that of every store
routed as (
    select
        dated.*,
        billing_routes.billing_route_id,
        billing_routes.billed_by,
        row_number() over (
            partition by dated.statement_line_id, dated.charge_type
            order by
                case when billing_routes.platform_store_id is not null then 0 else 1 end,
                {{ binary_order('billing_routes.billing_route_id') }}
        ) as preference
    from dated
    inner join billing_routes
        on dated.platform = billing_routes.platform
        and dated.charge_type = billing_routes.charge_type
        and (
            billing_routes.platform_store_id is null
            or dated.store_id = billing_routes.platform || ':' || billing_routes.platform_store_id
        )
        and dated.charged_date between billing_routes.valid_from and billing_routes.valid_to
),

final as (
    select
        statement_line_id,
        charge_type,
        billing_route_id,
        store_id,
        merchant_id,
        payout_id,

        platform,
        billed_by,
        description,
        currency_code,
        source_file_name,
        source_row_number,

        stated_cents,

        charged_date
    from routed
    where preference = 1 and billed_by <> 'payout'
)

select * from final

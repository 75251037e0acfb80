{%- set text_leaves = [
    "case when versions.order_status in ('ready', 'finished') then 'paid' else versions.order_status end",
    'versions.cancelled_by', 'versions.partner_store_code', 'amounts.fulfilment', 'amounts.commission_type', 'amounts.document_currency_code',
] -%}
{%- set other_leaves = [
    'versions.placed_at', 'amounts.items_cents', 'amounts.merchant_discount_cents', 'amounts.platform_discount_cents',
    'amounts.third_party_discount_cents', 'amounts.tax_cents', 'amounts.tip_cents', 'amounts.delivery_fee_cents',
    'amounts.delivery_fee_tax_cents', 'amounts.bag_fee_cents', 'amounts.total_cents',
] -%}
{%- set leaves = text_leaves -%}
{%- for leaf in other_leaves %}{% do leaves.append('cast(' ~ leaf ~ ' as ' ~ dbt.type_string() ~ ')') %}{% endfor -%}
-- the versions of each order that differ from the one before in what is expected of them; equal ones that follow one another are one,
-- told by the last of them
with

versions as (
    select * from {{ ref('int_order_version_periods') }}
),

amounts as (
    select * from {{ ref('int_order_amounts') }}
    union all
    select * from {{ ref('int_earlier_order_amounts') }}
),

compared as (
    select
        versions.*,
        {{ hashed_key(leaves) }} as leaves_key
    from versions
    left join amounts on versions.document_id = amounts.document_id
),

beside_the_next as (
    select
        compared.*,
        lag(leaves_key) over (partition by order_id order by version_number) as leaves_key_before,
        lead(leaves_key) over (partition by order_id order by version_number) as leaves_key_after
    from compared
),

numbered as (
    select
        beside_the_next.*,
        sum(case when leaves_key_before is null or leaves_key_before <> leaves_key then 1 else 0 end) over (
            partition by order_id
            order by version_number
            rows unbounded preceding
        ) as restatement_number
    from beside_the_next
),

dated as (
    select
        numbered.*,
        min(known_from_at) over (partition by order_id, restatement_number) as restated_at
    from numbered
),

-- of a version that comes before anything can be expected nothing is told
final as (
    select
        document_id,
        order_id,

        platform,
        partner_store_code,
        cast(row_number() over (partition by order_id order by restatement_number) as bigint) as version_number,

        is_standing,

        placed_at,
        received_at,
        restated_at as known_from_at,
        known_to_at
    from dated
    where (leaves_key_after is null or leaves_key_after <> leaves_key) and not is_too_early
)

select * from final

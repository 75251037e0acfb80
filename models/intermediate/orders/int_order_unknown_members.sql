{{ config(indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

-- dbt does not see what a loop refers to until it runs
-- depends_on: {{ ref('int_order_documents') }}
-- depends_on: {{ ref('int_order_items') }}
-- depends_on: {{ ref('int_order_modifiers') }}
-- depends_on: {{ ref('int_order_promotions') }}
-- depends_on: {{ ref('int_order_consumers') }}
-- depends_on: {{ ref('int_order_payment_methods') }}
-- depends_on: {{ ref('int_order_tax_remittances') }}
-- depends_on: {{ ref('int_order_applied_discounts') }}
-- depends_on: {{ ref('int_order_coupons') }}
-- depends_on: {{ ref('int_order_platform_promotions') }}
-- depends_on: {{ ref('int_order_promotion_items') }}
-- depends_on: {{ ref('int_order_promotion_funding') }}

{%- set newly_loaded = is_newly_loaded() %}

with

found as (
    {%- for model in parsed_order_models() %}
    select
        document_id,
        loaded_at,
        unknown_members
    from {{ ref(model) }}
    where unknown_members is not null and {{ newly_loaded }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

lines as (
    select
        document_id,
        loaded_at,
        {{ lines_of('unknown_members') }} as line
    from found
),

-- a line is 'path: kind'
members as (
    select
        document_id,
        loaded_at,
        {{ path_of_any_element(replace_pattern('line', ': [a-z ]+$', '')) }} as member_path,
        {{ first_match('line', ': ([a-z ]+)$') }} as kind_found
    from lines
),

final as (
    select
        document_id,
        member_path,
        kind_found,

        count(*) as occurrence_count,

        loaded_at
    from members
    group by document_id, member_path, kind_found, loaded_at
)

select * from final

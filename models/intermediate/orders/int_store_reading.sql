{{ config(materialized='table') }}

-- what is known of stores on the day that the warehouse is looked at from, as one short text: where it changes, every order is mapped anew
with

store_map as (
    select * from {{ ref('store_map') }}
    where recorded_on <= cast({{ as_of_timestamp() }} as date)
),

store_merchants as (
    select
        platform,
        platform_store_id,
        store_map_merchant_id,
        merchant_id
    from {{ ref('int_store_merchants') }}
),

store_rows as (
    {%- for relation in ['store_map', 'store_merchants'] %}
    select
        '{{ relation }}' as relation_name,
        {{ whole_row_text(relation) }} as row_text
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select md5(coalesce({{ dbt.listagg("relation_name || row_text", 'chr(10)', 'order by relation_name, row_text') }}, '')) as reading_id
    from store_rows
)

select * from final

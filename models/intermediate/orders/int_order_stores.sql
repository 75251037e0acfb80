{{ config(materialized='table') }}

with

standing_versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing'
),

final as (
    {{ order_stores('standing_versions') }}
)

select * from final

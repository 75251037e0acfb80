{{ config(schema='restricted', pre_hook='{{ delete_restated_orders() }}', indexes=lookup_indexes(['order_id', 'loaded_at'])) }}

{%- set newly_loaded = is_newly_loaded() %}

-- what a document holds was loaded at the moment that its version was
with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing' and {{ newly_loaded }}
),

loyalty_rewards as (
    select * from {{ ref('int_order_loyalty_rewards') }}
    where {{ newly_loaded }}
),

final as (
    select
        versions.order_id,
        loyalty_rewards.promotion_position,

        loyalty_rewards.reward,

        versions.loaded_at
    from versions
    inner join loyalty_rewards on versions.document_id = loyalty_rewards.document_id
)

select * from final

{{ config(schema='restricted', indexes=lookup_indexes(['document_id', 'loaded_at'])) }}

-- the reference leaves a reward's content open, so that it may hold anything of a customer: it is kept as JSON
with

documents as (
    select
        document_id,
        loaded_at,
        promotions_loyalty_rewards_rewards
    from {{ ref('int_order_documents') }}
    where {{ is_newly_loaded() }}
),

opened as (
    {{ open_contents('documents', ['document_id', 'loaded_at'], 'promotions_loyalty_rewards_rewards') }}
),

final as (
    select
        document_id,
        position as promotion_position,

        element as reward,

        loaded_at
    from opened
)

select * from final

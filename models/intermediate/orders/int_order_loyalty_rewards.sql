-- the reference leaves a reward's content open: it is kept as JSON
with

documents as (
    select
        document_id,
        promotions_loyalty_rewards_rewards
    from {{ ref('int_order_documents') }}
),

opened as (
    {{ open_array('documents', ['document_id'], 'promotions_loyalty_rewards_rewards') }}
),

final as (
    select
        document_id,
        position as promotion_position,

        element as reward
    from opened
)

select * from final

-- the contract terms that hold for each order: fee schedule, tax facilitation, cancellation
with

final as (
    {{ order_terms(ref('int_order_amounts'), ref('int_order_stores')) }}
)

select * from final

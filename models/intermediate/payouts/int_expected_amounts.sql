-- what each order should bring, an amount a charge type side by side: docs/expected_ledger.md
with

final as (
    {{ expected_amounts(ref('int_order_amounts'), ref('int_order_stores'), ref('int_order_terms')) }}
)

select * from final

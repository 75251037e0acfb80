with

final as (
    {{ expected_charges(ref('int_expected_amounts')) }}
)

select * from final

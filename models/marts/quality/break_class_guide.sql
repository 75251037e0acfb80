with

break_classes as (
    select * from {{ ref('break_classes') }}
),

final as (
    select
        break_class,

        code as break_class_code,
        break_class_name,
        holds_when,
        next_step
    from break_classes
)

select * from final

with

part_totals as (
    select * from {{ ref('int_order_part_totals') }}
),

identities as (
    {%- for identity, stated, computed in document_identities() %}
    select
        order_id,
        document_id,
        '{{ identity }}' as identity_name,
        cast({{ stated }} as bigint) as stated_cents,
        cast({{ computed }} as bigint) as computed_cents
    from part_totals
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- where a part is not known the identity does not apply, and has no row
final as (
    select
        order_id,
        identity_name,
        document_id,

        stated_cents,
        computed_cents,
        stated_cents - computed_cents as difference_cents,

        stated_cents = computed_cents as is_held
    from identities
    where stated_cents is not null and computed_cents is not null
)

select * from final

with

platform_terms as (
    select * from {{ ref('platform_terms') }}
),

final as (
    select
        platform,

        platform_name,
        integration_source,
        tax_presentation,
        discount_presentation
    from platform_terms
)

select * from final

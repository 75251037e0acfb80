{{ config(materialized='table') }}

-- made anew, since the seed may name another funder for what was loaded long ago
with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing'
),

promotion_funding as (
    select * from {{ ref('int_order_promotion_funding') }}
),

funding_sources as (
    select * from {{ ref('funding_sources') }}
),

final as (
    select
        versions.order_id,
        promotion_funding.promotion_position,
        promotion_funding.split_position,

        promotion_funding.funding_source,
        cast(funding_sources.funded_by as {{ dbt.type_string() }}) as funded_by,

        promotion_funding.amount_paid_cents,

        versions.loaded_at
    from versions
    inner join promotion_funding on versions.document_id = promotion_funding.document_id
    left join funding_sources on upper({{ trimmed('promotion_funding.funding_source') }}) = funding_sources.funding_source
)

select * from final

{{ config(pre_hook='{{ delete_restated_orders() }}', indexes=lookup_indexes(['order_id', 'loaded_at'])) }}

{%- set newly_loaded = is_newly_loaded() -%}

{#- an identity a row: its name, what is stated, what is computed, and of how many parts it does not hold -#}
{%- set compared = [] -%}
{%- for identity in document_identities() -%}
{%- do compared.append([
    "'" ~ identity[0] ~ "'",
    'cast(' ~ identity[1] ~ ' as bigint)',
    'cast(' ~ identity[2] ~ ' as bigint)',
    'cast(' ~ identity[3] | default('null') ~ ' as bigint)',
]) -%}
{%- endfor %}

-- what a document holds was loaded at the moment that its version was
with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state = 'standing' and {{ newly_loaded }}
),

part_totals as (
    select * from {{ ref('int_order_part_totals') }}
    where {{ newly_loaded }}
),

order_totals as (
    select
        versions.order_id,
        part_totals.*
    from versions
    inner join part_totals on versions.document_id = part_totals.document_id
),

identities as (
    {{ several_rows(
        'order_totals',
        ['order_id', 'document_id', 'loaded_at'],
        ['identity_name', 'stated_cents', 'computed_cents', 'unequal_part_count'],
        compared
    ) }}
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

        unequal_part_count,

        stated_cents = computed_cents and coalesce(unequal_part_count, 0) = 0 as is_held,

        loaded_at
    from identities
    where stated_cents is not null and computed_cents is not null
)

select * from final

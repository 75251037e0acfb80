-- what the seeds say about reading statements, as one short text: where it changes, every statement is read anew
{%- set seeds = ['statement_columns', 'statement_formats', 'statement_line_types'] %}
with

{% for seed in seeds -%}
{{ seed }} as (
    select * from {{ ref(seed) }}
),

{% endfor -%}
final as (
    {{ rows_reading(seeds) }}
)

select * from final

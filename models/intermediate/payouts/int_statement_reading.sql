-- what the seeds say about reading statements, as one short text: where it changes, every statement is read anew
{%- set seeds = ['statement_columns', 'statement_formats', 'statement_line_types'] %}
with

{% for seed in seeds -%}
{{ seed }} as (
    select * from {{ ref(seed) }}
),

{% endfor -%}
seed_rows as (
    {%- for seed in seeds %}
    select
        '{{ seed }}' as seed_name,
        {{ whole_row_text(seed) }} as row_text
    from {{ seed }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select md5({{ dbt.listagg("seed_name || row_text", 'chr(10)', 'order by seed_name, row_text') }}) as reading_id
    from seed_rows
)

select * from final

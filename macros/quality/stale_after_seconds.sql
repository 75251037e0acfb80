{#
  How long a source may bring nothing before it is stale: the shortest warn_after of its tables, as the sources declare it.
  source_name: name of the source. Returns bigint SQL, seconds; null where no table of it has one.
#}
{% macro stale_after_seconds(source_name) %}
    {%- set unit_seconds = {'minute': 60, 'hour': 3600, 'day': 86400} -%}
    {%- set limits = [] -%}
    {%- if execute -%}
        {%- for source in graph.sources.values() if source.source_name == source_name -%}
            {%- set warn_after = (source.freshness or {}).get('warn_after') or {} -%}
            {%- if warn_after.get('count') -%}
                {%- do limits.append(warn_after.count * unit_seconds[warn_after.period | string]) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    cast({{ limits | min if limits else 'null' }} as bigint)
{%- endmacro %}

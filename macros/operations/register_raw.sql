{#
  Names the raw tables that `coco parquet` wrote, so that models find them: `dbt run-operation register_raw --target spark --args '{folder: /path/to/FOLDER}'`.
  Each becomes an external table over its files; running it again takes the files as they then are, and no file is touched. Stops at
  a table that has no files, by its path. Spark only.
  folder: path or URI that the driver and every worker read, with a folder <schema>/<table> for each raw table.
#}
{% macro register_raw(folder) %}
    {%- if target.type != 'spark' -%}
        {{ exceptions.raise_compiler_error("Target '" ~ target.name ~ "' is " ~ target.type ~ ", which holds the raw tables itself: coco load. Only Spark reads them from files: --target spark") }}
    {%- endif -%}
    {%- set tables = graph.sources.values() | sort(attribute='unique_id') -%}
    {%- for schema in tables | map(attribute='schema') | unique -%}
        {%- do run_query('create schema if not exists ' ~ adapter.quote(schema)) -%}
    {%- endfor -%}
    {%- for table in tables -%}
        {%- set relation = adapter.quote(table.schema) ~ '.' ~ adapter.quote(table.identifier) -%}
        {%- set place = folder ~ '/' ~ table.schema ~ '/' ~ table.identifier -%}
        {#- the statement that makes the table would not say which path is not there -#}
        {%- do run_query('describe query select * from parquet.' ~ adapter.quote(place)) -%}
        {%- do run_query('drop table if exists ' ~ relation) -%}
        {%- do run_query('create table ' ~ relation ~ " using parquet location '" ~ place | replace("\\", "\\\\") | replace("'", "\\'") ~ "'") -%}
    {%- endfor -%}
    {%- do log(tables | length ~ ' raw tables are read from ' ~ folder, info=true) -%}
{% endmacro %}

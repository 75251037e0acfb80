{#
  Incremental models take what was loaded after the last that they hold. `coco load` gives every load a later loaded_at than all before
  it, whatever the clock says, and a load becomes visible whole; so nothing slips in behind the mark. Another loader must do the same,
  or its late rows need --full-refresh.
#}

{#
  The last moment of loading that a model holds, as a literal, so that an index can be used. column: name of its column.
  relation: Relation. Returns: timestamp SQL; 1970-01-01 for an empty model and outside incremental runs.
#}
{% macro loaded_until(relation, column='loaded_at') %}
    {%- set mark = '1970-01-01 00:00:00' -%}
    {%- if execute and is_incremental() -%}
        {%- set found = run_query('select max(' ~ column ~ ') as mark from ' ~ relation).columns[0].values()[0] -%}
        {%- if found is not none -%}
            {%- set mark = found.strftime('%Y-%m-%d %H:%M:%S.%f') -%}
        {%- endif -%}
    {%- endif -%}
    {{ return("timestamp '" ~ mark ~ "'") }}
{% endmacro %}

{#
  The condition that a row was loaded after the last that this model holds; true outside incremental runs.
  column: timestamp SQL. Returns: boolean SQL.
#}
{% macro is_newly_loaded(column='loaded_at') %}{{ return(column ~ ' > ' ~ loaded_until(this) if is_incremental() else 'true') }}{% endmacro %}

{#
  Removes the rows of orders whose standing document is newly loaded, so that the new document's rows take their place, and an array that
  it empties leaves none. A pre-hook of marts with several rows an order. Returns: a statement, or nothing outside incremental runs.
#}
{% macro delete_restated_orders() %}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where order_id in (
            select order_id
            from {{ ref('int_order_versions') }}
            where version_state = 'standing' and {{ is_newly_loaded() }}
        )
    {%- endif -%}
{% endmacro %}

{#
  Deletes the rows of orders that were mapped to their stores by what is not known of stores any more. A pre-hook of int_order_stores.
  Returns: a statement, or nothing outside incremental runs.
#}
{% macro delete_otherwise_mapped_orders() %}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where reading_id <> (select reading_id from {{ ref('int_store_reading') }})
    {%- endif -%}
{% endmacro %}

{# Whether this model holds no row of an order; true outside incremental runs. order_id: string SQL. Returns: boolean SQL. #}
{% macro is_unmapped_order(order_id) %}
    {{- return('not exists (select 1 from ' ~ this ~ ' as held where held.order_id = ' ~ order_id ~ ')' if is_incremental() else 'true') -}}
{% endmacro %}

{#
  What a join of two relations of the same documents asks for beside the document: that both rows were loaded at one moment, as they always
  were. It tells DuckDB which row groups to read at all. PostgreSQL has indexes for that, and would expect too few rows of two conditions.
  one, other: names of relations with loaded_at. Returns: an and with its condition, or nothing.
#}
{% macro and_loaded_together(one, other) %}{{ return(adapter.dispatch('and_loaded_together', 'coco_warehouse')(one, other)) }}{% endmacro %}

{% macro default__and_loaded_together(one, other) %}{% endmacro %}

{% macro duckdb__and_loaded_together(one, other) %}and {{ one }}.loaded_at = {{ other }}.loaded_at{% endmacro %}

{# Indexes that keep incremental runs short where the engine looks rows up by them. columns: list of names. Returns: list for the config `indexes`. #}
{% macro lookup_indexes(columns) %}
    {%- set indexes = [] -%}
    {%- if target.type == 'postgres' -%}
        {%- for column in columns -%}{%- do indexes.append({'columns': [column]}) -%}{%- endfor -%}
    {%- endif -%}
    {{ return(indexes) }}
{% endmacro %}

{#
  Stops a run, before anything is built, that looks from a day before the last order document that the warehouse holds: its rows would stay,
  beside statements and deposits of the earlier day. Called by on-run-start. Returns nothing.
#}
{% macro require_as_of_not_before_orders() %}
    {%- if execute and flags.WHICH in ('build', 'run') and not flags.FULL_REFRESH and var('as_of', none) -%}
        {%- set node = graph.nodes.values() | selectattr('name', 'equalto', 'int_order_documents') | first -%}
        {%- set held = adapter.get_relation(node.database, node.schema, node.alias) -%}
        {%- if held and node.config.materialized == 'incremental' and node.unique_id in selected_resources -%}
            {%- set later = run_query('select max(loaded_at) from ' ~ held ~ ' where loaded_at > ' ~ as_of_timestamp()).columns[0].values()[0] -%}
            {%- if later is not none -%}
                {%- do exceptions.raise_compiler_error(
                    'The var as_of is ' ~ var('as_of') ~ ', but ' ~ held ~ ' already holds what was loaded until ' ~ later
                    ~ '. To look from an earlier day build into a target with a schema of its own, or build this one anew, from that day:\n  dbt build --target '
                    ~ target.name ~ ' --full-refresh --vars \'{as_of: "' ~ var('as_of') ~ '"}\''
                ) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{#
  Stops the run, once, with every incremental model of the run whose table lacks a column that the model declares: an older version of the
  project built it, and new rows do not fit beside the old. Called by on-run-start. Returns nothing.
#}
{% macro require_incremental_columns() %}
    {%- if execute and flags.WHICH in ('build', 'run') and not flags.FULL_REFRESH -%}
        {%- set schemas, tables = [], {} -%}
        {%- for unique_id in selected_resources -%}
            {%- set node = graph.nodes.get(unique_id, {}) -%}
            {%- if node.get('resource_type') == 'model' and node.config.materialized == 'incremental' -%}
                {%- do schemas.append(node.schema) if node.schema not in schemas -%}
                {%- do tables.update({(node.schema, node.alias): node.columns}) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set outdated = [] -%}
        {%- if tables -%}
            {%- set found = {} -%}
            {%- set query -%}
                select
                    table_schema,
                    table_name,
                    column_name
                from information_schema.columns
                where table_schema in ('{{ schemas | join("', '") }}')
            {%- endset -%}
            {%- for row in run_query(query).rows -%}
                {%- do found.setdefault((row[0], row[1]), []).append(row[2]) -%}
            {%- endfor -%}
            {%- for key, columns in tables.items() if key in found -%}
                {%- for column in columns if column not in found[key] -%}
                    {%- do outdated.append('column ' ~ key | join('.') ~ '.' ~ column) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endif -%}
        {%- if outdated -%}
            {%- do exceptions.raise_compiler_error(
                'Tables that are added to were built by an older version of this project. Missing in database "' ~ target.database ~ '" of target "'
                ~ target.name ~ '":\n  - ' ~ outdated | sort | join('\n  - ')
                ~ '\nBuild them anew from what is landed, which takes as long as the first build: dbt build --target ' ~ target.name ~ ' --full-refresh'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

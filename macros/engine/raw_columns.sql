{#
  Raw tables are read through these macros, so that a column that a destination lacks, or types otherwise, is met in one place.
#}

{#
  The columns that a raw table has.
  source_relation: Relation. Returns: dict of lower-case column name -> lower-case data type; {} while parsing.
#}
{% macro raw_columns(source_relation) %}
    {%- set found = {} -%}
    {%- if execute -%}
        {%- for column in adapter.get_columns_in_relation(source_relation) -%}
            {%- do found.update({column.name | lower: column.dtype | lower}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{#
  A raw column as one of the project's types, or null of that type where the table has no such column.
  columns: what raw_columns returned; name: string; data_type: 'string', 'bigint', 'boolean', 'timestamp' or 'json'.
  Returns: SQL of that type ('json' gives the text of the JSON). Null stays null. Timestamps with a zone become UTC.
#}
{% macro raw_column(columns, name, data_type) %}
    {%- set sql_type = dbt.type_string() if data_type in ('string', 'json') else data_type -%}
    {%- if execute and name not in columns -%}
        cast(null as {{ sql_type }})
    {%- elif data_type == 'timestamp' -%}
        {{ utc_timestamp(name, columns.get(name, 'timestamp')) }}
    {%- else -%}
        cast({{ name }} as {{ sql_type }})
    {%- endif -%}
{% endmacro %}

{#
  A point in time as a UTC timestamp without zone.
  column: SQL; found_type: the type it has ('timestamp with time zone', 'timestamp', text). Text must carry a zone or be UTC.
#}
{% macro utc_timestamp(column, found_type) %}
    {%- if 'with time zone' in found_type or found_type == 'timestamptz' -%}
        {{ column }} at time zone 'UTC'
    {%- elif 'timestamp' in found_type or found_type == 'datetime' -%}
        cast({{ column }} as timestamp)
    {%- else -%}
        {{ text_to_timestamp(column) }}
    {%- endif -%}
{% endmacro %}

{#
  Whether raw_column reads a column of one of the engine's types as one of the project's, whatever the column holds.
  found_type: what raw_columns returned; data_type: as in raw_column. Returns: boolean.
#}
{% macro is_raw_type(found_type, data_type) %}
    {%- set family = found_type.split('(')[0] -%}
    {%- set texts = ['varchar', 'text', 'string', 'character varying', 'character', 'char'] -%}
    {%- if data_type == 'bigint' -%}
        {{ return(family in ['tinyint', 'smallint', 'integer', 'int', 'bigint', 'decimal', 'numeric']) }}
    {%- elif data_type == 'boolean' -%}
        {{ return(family == 'boolean') }}
    {%- elif data_type == 'timestamp' -%}
        {{ return('timestamp' in family or family == 'datetime' or family in texts) }}
    {%- elif data_type == 'json' -%}
        {{ return(family in texts + ['json', 'jsonb']) }}
    {%- else -%}
        {{ return(true) }}
    {%- endif -%}
{% endmacro %}

{#
  Stops the run, once, with every raw table and documented column that the selected nodes read and that is not there, and every declared
  column of a type that cannot be read as the declared one: a cast would stop at some value, and show it. PostgreSQL shows no column of
  a table to a login without rights to it: such tables are named first, by themselves.
  Called by on-run-start. Returns nothing.
#}
{% macro require_raw_columns() %}
    {%- if execute and flags.WHICH in ('build', 'run', 'snapshot') -%}
        {%- set wanted = [] -%}
        {%- for unique_id in selected_resources -%}
            {%- set node = graph.nodes.get(unique_id, {}) -%}
            {%- if node.get('resource_type') in ('model', 'snapshot') -%}
                {%- for parent in node.depends_on.nodes if parent.startswith('source.') and parent not in wanted -%}
                    {%- do wanted.append(parent) -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set amiss, closed = [], [] -%}
        {%- for source_id in wanted | sort -%}
            {%- set declared = graph.sources[source_id] -%}
            {%- set relation = adapter.get_relation(declared.database, declared.schema, declared.identifier) -%}
            {%- set name = declared.schema ~ '.' ~ declared.identifier -%}
            {%- if relation is none -%}
                {%- do amiss.append('table ' ~ name) -%}
            {%- else -%}
                {%- set found = raw_columns(relation) -%}
                {%- if not found -%}
                    {%- do closed.append(name) -%}
                {%- endif -%}
                {%- for column in declared.columns.values() -%}
                    {%- if column.name not in found -%}
                        {%- do amiss.append('column ' ~ name ~ '.' ~ column.name) if column.config.meta.get('required') -%}
                    {%- elif not is_raw_type(found[column.name], column.data_type) -%}
                        {%- do amiss.append('column ' ~ name ~ '.' ~ column.name ~ ' is ' ~ found[column.name] ~ ', not ' ~ column.data_type) -%}
                    {%- endif -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if closed -%}
            {%- do exceptions.raise_compiler_error(
                'The login of target "' ~ target.name ~ '" may not read ' ~ closed | join(', ')
                ~ '. On PostgreSQL dbt builds with a login of the role coco_transformer: docs/operations.md, "Set-up".'
            ) -%}
        {%- endif -%}
        {%- if amiss -%}
            {%- do exceptions.raise_compiler_error(
                'The raw data that this run reads is not all there, or not of its type. Missing or mistyped in database "' ~ target.database
                ~ '" of target "' ~ target.name ~ '":\n  - ' ~ amiss | join('\n  - ')
                ~ '\nTo load files run: coco load PATH (a sample: make demo). If Fivetran writes these tables elsewhere, set the vars *_schema or *_identifier in dbt_project.yml; '
                ~ 'if a column was renamed or given another type at its origin, bring it back there or in a view. What each table must have: models/staging/*/_sources.yml.'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

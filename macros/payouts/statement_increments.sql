{#
  Statements are opened once: the rows of a file stay as they were read until the file is not in the warehouse any more, or the seeds that
  say how statements are read change. A run looks for files that a model does not hold, not for a moment, so that what was taken out is
  opened again.
#}

{#
  Deletes rows of files that are not landed, or were loaded after the day that the warehouse is looked at from. A pre-hook of
  int_statement_row_texts. Returns: a statement, or nothing outside incremental runs.
#}
{% macro delete_unlanded_statement_rows() %}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where
            loaded_at > {{ as_of_timestamp() }}
            or source_file_hash not in (select source_file_hash from {{ ref('stg_coco_load__loaded_files') }})
    {%- endif -%}
{% endmacro %}

{#
  Deletes rows of files that int_statement_row_texts does not hold, and all rows where they were read by other seeds than now. A pre-hook
  of models with reading_id. Returns: a statement, or nothing outside incremental runs.
#}
{% macro delete_outdated_statement_rows() %}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where
            source_file_hash not in (select distinct source_file_hash from {{ ref('int_statement_row_texts') }})
            or reading_id <> (select reading_id from {{ ref('int_statement_reading') }})
    {%- endif -%}
{% endmacro %}

{# Whether this model holds no row of a file yet; true outside incremental runs. source_file_hash: string SQL. Returns: boolean SQL. #}
{% macro is_unopened_file(source_file_hash) %}
    {{- return(source_file_hash ~ ' not in (select distinct held.source_file_hash from ' ~ this ~ ' as held)' if is_incremental() else 'true') -}}
{% endmacro %}

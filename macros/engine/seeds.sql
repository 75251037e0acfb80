{#
  Puts the rows of a seed into its table on Spark, in place of dbt-spark's own macro, which writes the text None for a blank cell and breaks at
  an apostrophe. Stops at a cell that its column cannot hold: Spark would make it null. model: node; agate_table: the rows. Returns: the statement.
#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model.config.get('column_types', {}) -%}
    {%- set statements = [] -%}
    {%- for chunk in agate_table.rows | batch(get_batch_size()) -%}
        {%- set values = [] -%}
        {%- for row in chunk -%}
            {%- set cells = [] -%}
            {%- for name in agate_table.column_names -%}
                {%- set cell_type = types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
                {%- do cells.append(seed_cell(row[loop.index0], cell_type, model.name ~ '.' ~ name)) -%}
            {%- endfor -%}
            {%- do values.append('(' ~ cells | join(', ') ~ ')') -%}
        {%- endfor -%}
        {%- set statement = 'insert into ' ~ this ~ ' values\n' ~ values | join(',\n') -%}
        {%- do adapter.add_query(statement, abridge_sql_log=True) -%}
        {%- do statements.append(statement) -%}
    {%- endfor -%}
    {{ return(statements | first) }}
{% endmacro %}

{#
  A cell of a seed as Spark SQL. value: what the CSV holds, none for a blank cell; cell_type: type of its column; place: seed and column, for the error.
  Returns: SQL of that type, null for a blank cell.
#}
{% macro seed_cell(value, cell_type, place) %}
    {%- if value is none -%}
        {{ return('cast(null as ' ~ cell_type ~ ')') }}
    {%- endif -%}
    {%- set text = value | string -%}
    {%- set forms = {'bigint': '-?[0-9]{1,18}$', 'date': '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$', 'boolean': '(?i)(true|false)$'} -%}
    {%- if not modules.re.match(forms.get(cell_type, ''), text) or (cell_type == 'date' and not is_day(text)) -%}
        {{ exceptions.raise_compiler_error("The seed column " ~ place ~ " is of type " ~ cell_type ~ " and holds '" ~ text ~ "'. Mend the cell in seeds/.") }}
    {%- endif -%}
    {{ return("cast('" ~ text | replace("\\", "\\\\") | replace("'", "\\'") ~ "' as " ~ cell_type ~ ')') }}
{% endmacro %}

{# Whether a text YYYY-MM-DD, its month from 01 to 12, is a day of the calendar. text: string. Returns: boolean of Jinja. #}
{% macro is_day(text) %}
    {%- set first_day = modules.datetime.date(text[:4] | int, text[5:7] | int, 1) -%}
    {{ return((first_day + modules.datetime.timedelta(days=(text[8:] | int) - 1)).month == first_day.month) }}
{% endmacro %}

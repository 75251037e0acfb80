{#
  The moment that the warehouse is looked at from: var as_of, or else the start of this run, so that every table of a run is cut at one moment.
  No arguments. Returns timestamp SQL, UTC, never null. Stops the run when the var is not a day and a time.
#}
{% macro as_of_timestamp() %}
    {%- set as_of = var('as_of', none) -%}
    {%- if as_of is none or as_of | string | trim == '' -%}
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp)
    {%- else -%}
        {%- set text = as_of | string | trim -%}
        {%- if not modules.re.match('^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?$', text) -%}
            {%- do exceptions.raise_compiler_error(
                'The var as_of is "' ~ text ~ '", which is not a day and a time. Write it in UTC as YYYY-MM-DD HH:MM:SS, for example: --vars \'{as_of: "2026-09-30 23:59:59"}\'; '
                ~ 'leave it out for now.'
            ) -%}
        {%- endif -%}
        cast('{{ text }}' as timestamp)
    {%- endif -%}
{% endmacro %}

{# The money leaves of the document itself, arrays left out. Returns: list of paths. #}
{% macro amount_leaves() %}
    {%- set paths = [] -%}
    {%- for leaf in order_document_leaves() if leaf[1] == 'cents' -%}
        {%- do paths.append(leaf[0]) -%}
    {%- endfor -%}
    {{ return(paths) }}
{% endmacro %}

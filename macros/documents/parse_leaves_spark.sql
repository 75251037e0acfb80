{#
  parse_leaves on Spark. A document is parsed once into a variant, and every leaf is taken from it as a variant, which keeps its kind. The members of
  an object in a variant are in the order of their names.
#}
{% macro spark__parse_leaves(from_relation, keys, document, leaves, path_prefix, with_personal, with_unknown) %}
    {%- set parsed -%}
            select
                {%- for key in keys %}
                {{ key }},
                {%- endfor %}
                try_parse_json({{ spark_finite_numbers(document) }}) as document_token
            from {{ from_relation }}
    {%- endset -%}
    {{ spark_parse_tokens(parsed, keys, leaves, path_prefix, with_personal, with_unknown) }}
{% endmacro %}

{% macro spark__parse_array_leaves(from_relation, keys, array, leaves, path_prefix, with_personal) %}
    {%- set parsed -%}
            select
                {%- for key in keys %}
                {{ key }},
                {%- endfor %}
                cast(opened.place + 1 as bigint) as position,
                opened.document_token
            from {{ from_relation }}
            lateral view posexplode({{ spark_elements('try_parse_json(' ~ array ~ ')') }}) opened as place, document_token
    {%- endset -%}
    {{ spark_parse_tokens(parsed, keys + ['position'], leaves, path_prefix, with_personal, with_unknown=true) }}
{% endmacro %}

{#
  Level by level, within the row: a recursive CTE would be a job of the cluster for every level. `level` holds the elements of one depth, `found` those
  of all depths before.
#}
{% macro spark__parse_nested_leaves(from_relation, keys, array, leaves, path_prefix) %}
    {%- set places = ['parent_path', 'nested_path', 'depth', 'position', 'document_path'] -%}
    {%- set no_elements = 'cast(array() as array<struct<parent_path: string, nested_path: string, depth: bigint, position: bigint, document_path: string, document_token: variant>>)' -%}
    {%- set parsed -%}
            select
                {{ (keys + places) | join(', ') }},
                opened.document_token
            from (
                select
                    {%- for key in keys %}
                    {{ key }},
                    {%- endfor %}
                    aggregate(
                        sequence(1, {{ max_modifier_depth() }}),
                        struct(
                            {{ no_elements }} as found,
                            {{ spark_nested_elements('try_parse_json(' ~ array ~ ')', 'cast(null as string)', "''", '1', path_prefix, array) }} as level
                        ),
                        (elements, depth) -> struct(
                            concat(elements.found, elements.level) as found,
                            flatten(transform(elements.level, parent -> coalesce(
                                {{ spark_nested_elements("variant_get(parent.document_token, '$." ~ array ~ "')", 'parent.nested_path', "parent.nested_path || '.'", 'depth + 1', 'parent.document_path', array) }},
                                {{ no_elements }}
                            ))) as level
                        ),
                        elements -> elements.found
                    ) as elements
                from {{ from_relation }}
                where substr({{ array }}, 1, 1) = '['
            ) as nested
            lateral view inline(elements) opened as {{ places | join(', ') }}, document_token
    {%- endset -%}
    {{ spark_parse_tokens(parsed, keys + places, leaves, 'document_path', with_personal=false, with_unknown=true) }}
{% endmacro %}

{#
  The elements of one array, with their places. token: variant SQL of the array; parent_path, path, document_path: string SQL, what stands before theirs;
  depth: integer SQL; array: name of the member. Returns: array of structures; null where there is no array.
#}
{% macro spark_nested_elements(token, parent_path, path, depth, document_path, array) %}
    {{- return(
        'transform(' ~ spark_elements(token) ~ ', (element, place) -> struct('
        ~ parent_path ~ ' as parent_path, '
        ~ path ~ ' || cast(place + 1 as string) as nested_path, '
        ~ 'cast(' ~ depth ~ ' as bigint) as depth, '
        ~ 'cast(place + 1 as bigint) as position, '
        ~ document_path ~ " || '" ~ array ~ "[' || cast(place as string) || '].' as document_path, "
        ~ 'element as document_token))'
    ) -}}
{% endmacro %}

{#
  The steps of parse_leaves after the parser, a subquery each: tokens, kinds, values, findings.
  parsed: select statement with the keys and document_token (variant); the others as in parse_leaves. Returns: a select statement.
#}
{% macro spark_parse_tokens(parsed, keys, leaves, path_prefix, with_personal, with_unknown) %}
{%- set scalars = leaves | rejectattr(1, 'equalto', 'object') | list -%}
{%- set objects = leaves | selectattr(1, 'equalto', 'object') | list -%}
select
    {%- for key in keys %}
    {{ key }},
    {%- endfor %}
    {%- for leaf in leaves if with_personal or 'personal' not in leaf %}
    {%- set column = leaf_column(leaf[0]) %}
    {% if leaf[1] == 'object' %}coalesce({{ column }}_kind = 'object', false) as has_{{ column }},{% else %}{{ column }},{% endif %}
    {%- endfor %}
    {%- if with_unknown %}
    unknown_members,
    {%- endif %}
    {%- for severity in ('rejecting', 'other') %}
    {{ joined_lines(all_findings(leaves, path_prefix, severity)) }} as {{ severity }}_findings{{ ',' if not loop.last }}
    {%- endfor %}
from (
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        {%- for leaf in objects %}
        {{ leaf_column(leaf[0]) }}_kind,
        {%- endfor %}
        {%- for leaf in scalars %}
        {%- set column = leaf_column(leaf[0]) %}
        {{ column }}_kind,
        {{ column }}_token,
        {{ spark_leaf_value(leaf) }} as {{ column }},
        {%- endfor %}
        {%- if with_unknown %}
        {{ spark_unknown_members(leaves, path_prefix) }} as unknown_members,
        {%- endif %}
        document_kind
    from (
        select
            *,
            {%- for leaf in leaves %}
            {{ token_kind(leaf_column(leaf[0]) ~ '_token') }} as {{ leaf_column(leaf[0]) }}_kind,
            {%- endfor %}
            case when document_token is not null then coalesce({{ token_kind('document_token') }}, 'null') end as document_kind
        from (
            select
                *,
                {%- for leaf in leaves %}
                variant_get(document_token, '$.{{ leaf[0] }}') as {{ leaf_column(leaf[0]) }}_token{{ ',' if not loop.last }}
                {%- endfor %}
            from (
            {{ parsed }}
            ) as documents
        ) as tokens
    ) as kinds
) as leaf_values
{% endmacro %}

{#
  The value of a leaf, or null where it is not of its type; a required text that is blank is none.
  leaf: a declaration of any type but 'object', whose <column>_kind and <column>_token are there. Returns: SQL of the type in parse_leaves.
#}
{% macro spark_leaf_value(leaf) %}
    {%- set type = leaf[1] -%}
    {%- set column = leaf_column(leaf[0]) -%}
    {%- set token = column ~ '_token' -%}
    {%- set text = 'cast(' ~ token ~ ' as string)' -%}
    {%- if type == 'text' -%}
        case when {{ column }}_kind = 'string'{% if leaf[2] == 'required' %} and {{ trimmed(text) }} <> ''{% endif %} then {{ text }} end
    {%- elif type == 'cents' -%}
        case when {{ column }}_kind = 'number' and {{ is_cents_token(token) }} then {{ number_token_as(token, 'bigint') }} end
    {%- elif type == 'number' -%}
        case when {{ column }}_kind = 'number' and {{ is_number_token(token) }} then {{ number_token_as(token, 'decimal(28, 9)') }} end
    {%- elif type == 'boolean' -%}
        case when {{ column }}_kind = 'boolean' then cast({{ token }} as boolean) end
    {%- elif type == 'time' -%}
        case when {{ column }}_kind = 'string' and {{ is_zoned_timestamp_text(text) }} then try_cast({{ text }} as timestamp) end
    {%- elif type == 'array' -%}
        case when {{ column }}_kind = 'array' then to_json({{ token }}) end
    {%- endif -%}
{% endmacro %}

{#
  The members that are not declared, a line each: path, and the kind that stands there. leaves: declaration; path_prefix: string SQL.
  Returns: string SQL; null when there are none.
#}
{% macro spark_unknown_members(leaves, path_prefix) %}
    {%- set lists = [] -%}
    {%- for object in [''] + leaves | selectattr(1, 'equalto', 'object') | map(attribute=0) | list -%}
        {%- set steps = object.split('.') if object else [] -%}
        {%- set names = [] -%}
        {%- for leaf in leaves if leaf[0].split('.')[:-1] == steps -%}{%- do names.append("'" ~ leaf[0].split('.')[-1] ~ "'") -%}{%- endfor -%}
        {%- set path = path_prefix ~ " || '" ~ (object ~ '.' if object) ~ "' || " ~ unknown_member_name('member.key') -%}
        {%- do lists.append(
            "coalesce(transform(filter(map_entries(try_variant_get(document_token, '$" ~ ('.' ~ object if object) ~ "', 'map<string, variant>')), member -> member.key not in ("
            ~ names | join(', ') ~ ')), member -> ' ~ path ~ " || ': ' || " ~ kind_in_words(token_kind('member.value')) ~ '), cast(array() as array<string>))'
        ) -%}
    {%- endfor -%}
    {{ return("nullif(array_join(concat(" ~ lists | join(', ') ~ "), chr(10)), '')") }}
{% endmacro %}

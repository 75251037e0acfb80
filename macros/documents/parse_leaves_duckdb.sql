{#
  parse_leaves on DuckDB. json_transform reads a document in one pass, every leaf as its token. Values are worked out for all rows, findings
  only for rows where a leaf is not as declared, which are few: so the checks cost little more than comparisons with null.

  Steps, a subquery each: the transformed document; tokens; values; the list of what is wrong, or null; findings as text.
#}
{% macro duckdb__parse_leaves(from_relation, keys, document, leaves, path_prefix, with_personal) %}
    {%- set transformed -%}
                select
                    {%- for key in keys %}
                    {{ key }},
                    {%- endfor %}
                    {{ document }},
                    json_transform({{ document }}, '{{ duckdb_structure(leaves) }}') as transformed,
                from {{ from_relation }}
    {%- endset -%}
    {{ duckdb_parse_transformed(transformed, keys, document, leaves, path_prefix, with_personal) }}
{% endmacro %}

{# An array is transformed whole, so that its elements are not parsed twice. An element's own text is asked for only where it may not be an object. #}
{% macro duckdb__parse_array_leaves(from_relation, keys, array, leaves, path_prefix, with_personal) %}
    {%- set transformed -%}
                select
                    {%- for key in keys %}
                    {{ key }},
                    {%- endfor %}
                    {{ array }},
                    unnest(elements) as transformed,
                    generate_subscripts(elements, 1) as position,
                from (
                    select
                        {%- for key in keys %}
                        {{ key }},
                        {%- endfor %}
                        {{ array }},
                        from_json(case when substr({{ array }}, 1, 1) = '[' then {{ array }} end, '[{{ duckdb_structure(leaves) }}]') as elements,
                    from {{ from_relation }}
                ) as arrays
    {%- endset -%}
    {%- set element = 'cast(json_extract(' ~ array ~ ", '$[' || (position - 1) || ']') as varchar)" -%}
    {{ duckdb_parse_transformed(transformed, keys + ['position'], element, leaves, path_prefix, with_personal) }}
{% endmacro %}

{#
  The steps of parse_leaves after the first. transformed: select statement with the keys, what document asks for, and a structure `transformed`;
  document: string SQL, the JSON that was transformed; the others as in parse_leaves. Returns: a select statement.
#}
{% macro duckdb_parse_transformed(transformed, keys, document, leaves, path_prefix, with_personal) %}
{%- set scalars = leaves | rejectattr(1, 'equalto', 'object') | list -%}
{%- set objects = leaves | selectattr(1, 'equalto', 'object') | list -%}
select
    {%- for key in keys %}
    {{ key }},
    {%- endfor %}
    {%- for leaf in leaves if with_personal or 'personal' not in leaf %}
    {{ 'has_' if leaf[1] == 'object' }}{{ leaf_column(leaf[0]) }},
    {%- endfor %}
    {{ duckdb_findings_text('rejecting') }} as rejecting_findings,
    {{ duckdb_findings_text('other') }} as other_findings
from (
    select
        *,
        case when not ({{ duckdb_is_as_declared(leaves) }}) then {{ duckdb_findings(leaves, path_prefix) }} end as findings
    from (
        select
            {%- for key in keys %}
            {{ key }},
            {%- endfor %}
            document_token,
            coalesce(substr(document_token, 1, 1) = '{', false) as has_document,
            {%- for leaf in objects %}
            {{ leaf_column(leaf[0]) }}_token,
            coalesce(substr({{ leaf_column(leaf[0]) }}_token, 1, 1) = '{', false) as has_{{ leaf_column(leaf[0]) }},
            {%- endfor %}
            {%- for leaf in scalars %}
            {{ leaf_column(leaf[0]) }}_token,
            {{ duckdb_leaf_value(leaf) }} as {{ leaf_column(leaf[0]) }},
            {%- endfor %}
        from (
            select
                {%- for key in keys %}
                {{ key }},
                {%- endfor %}
                case when {{ duckdb_has_members(leaves, []) }} then '{}' else ltrim({{ document }}, ' ' || chr(9) || chr(10) || chr(13)) end as document_token,
                {%- for leaf in objects %}
                {%- set steps = leaf[0].split('.') %}
                case
                    when {{ duckdb_has_members(leaves, steps) }} then '{}'
                    when {{ duckdb_member(steps) }} is not null then cast(json_extract({{ document }}, '$."{{ steps | join('"."') }}"') as varchar)
                end as {{ leaf_column(leaf[0]) }}_token,
                {%- endfor %}
                {%- for leaf in scalars %}
                cast({{ duckdb_member(leaf[0].split('.')) }} as varchar) as {{ leaf_column(leaf[0]) }}_token,
                {%- endfor %}
            from (
                {{ transformed }}
            ) as transformed_documents
        ) as tokens
    ) as leaf_values
) as judged
{% endmacro %}

{# The structure that json_transform takes, every leaf a JSON token. leaves: declaration. Returns: string of JSON. #}
{% macro duckdb_structure(leaves) %}
    {%- set root = {} -%}
    {%- for leaf in leaves -%}
        {%- set here = namespace(node=root) -%}
        {%- set steps = leaf[0].split('.') -%}
        {%- for step in steps[:-1] -%}
            {%- set here.node = here.node[step] -%}
        {%- endfor -%}
        {%- do here.node.update({steps[-1]: {} if leaf[1] == 'object' else 'JSON'}) -%}
    {%- endfor -%}
    {{ return(tojson(root)) }}
{% endmacro %}

{# A member of the transformed document. steps: list of names, [] for the document. Returns: SQL, of the type JSON or a structure. #}
{% macro duckdb_member(steps) %}{{ return('transformed' ~ ('."' ~ steps | join('"."') ~ '"' if steps else '')) }}{% endmacro %}

{#
  Whether an object holds a declared member, as nothing but an object does. What is there without one may be of any kind: json_transform gives
  a structure of nulls for it. leaves: declaration; steps: the object's path. Returns: boolean SQL, never null.
#}
{% macro duckdb_has_members(leaves, steps) %}
    {%- set members = [] -%}
    {%- for leaf in leaves if leaf[0].split('.')[:-1] == steps -%}
        {%- do members.append(duckdb_member(leaf[0].split('.')) ~ ' is not null') -%}
    {%- endfor -%}
    {{ return(members | join(' or ')) }}
{% endmacro %}

{#
  The value of a leaf, or null where it is not of its type; a required text that is blank is none.
  leaf: a declaration of any type but 'object', whose <column>_token is there. Returns: SQL of the type in parse_leaves.
#}
{% macro duckdb_leaf_value(leaf) %}
    {%- set type = leaf[1] -%}
    {%- set token = leaf_column(leaf[0]) ~ '_token' -%}
    {%- if type == 'text' and leaf[2] == 'required' -%}
        case when replace({{ token }}, ' ', '') <> '""' then {{ token_text(token) }} end
    {%- elif type == 'text' -%}
        {{ token_text(token) }}
    {%- elif type == 'cents' -%}
        {#- a cast alone would round a fraction -#}
        case when {{ is_cents_token(token) }} then {{ number_token_as(token, 'bigint') }} end
    {%- elif type == 'number' -%}
        cast(try_cast({{ token }} as decimal(24, 9)) as decimal(28, 9))
    {%- elif type == 'boolean' -%}
        case {{ token }} when 'true' then true when 'false' then false end
    {%- elif type == 'time' -%}
        {#- what is_zoned_timestamp_text takes text_to_timestamp would take, after two more looks -#}
        try_cast(case when {{ is_zoned_timestamp_text(token_text(token)) }} then {{ token_text(token) }} end as timestamptz) at time zone 'UTC'
    {%- elif type == 'array' -%}
        case when substr({{ token }}, 1, 1) = '[' then {{ token }} end
    {%- endif -%}
{% endmacro %}

{# What a leaf holds is of its type. leaf: a declaration. Returns: boolean SQL, never null. #}
{% macro duckdb_is_read(leaf) %}{{ return('has_' ~ leaf_column(leaf[0]) if leaf[1] == 'object' else leaf_column(leaf[0]) ~ ' is not null') }}{% endmacro %}

{# Where a leaf stands there is an object. leaf: a declaration. Returns: name of a boolean column, never null. #}
{% macro duckdb_has_parent(leaf) %}{{ return('has_' ~ leaf_column(leaf[0].rpartition('.')[0] or 'document')) }}{% endmacro %}

{# Whether every leaf is as declared, so that there are no findings. leaves: declaration. Returns: boolean SQL, never null. #}
{% macro duckdb_is_as_declared(leaves) %}
    {%- set conditions = ['has_document'] -%}
    {%- for leaf in leaves -%}
        {%- set need_not = leaf_column(leaf[0]) ~ '_token is null' if leaf[2] == 'optional' else 'not ' ~ duckdb_has_parent(leaf) -%}
        {%- do conditions.append('(' ~ duckdb_is_read(leaf) ~ (' or ' ~ need_not if need_not != 'not has_document') ~ ')') -%}
    {%- endfor -%}
    {{ return(conditions | join(' and ')) }}
{% endmacro %}

{#
  What is wrong with the leaves of a document: a list of structures of severity ('rejecting' or 'other') and message.
  leaves: declaration; path_prefix: string SQL. Returns: list SQL, never null.
#}
{% macro duckdb_findings(leaves, path_prefix) %}
    {%- set severity = 'rejecting' if holds_money_or_required(leaves) else 'other' %}
            list_transform(
                list_filter(
                    [
                        {
                            'path': coalesce(nullif(rtrim({{ path_prefix }}, '.'), ''), 'document'), 'type': 'document', 'expected': 'an object', 'token': document_token,
                            'is_wrong': not has_document, 'if_missing': '{{ severity }}', 'if_other': '{{ severity }}'
                        },
                        {%- for leaf in leaves %}
                        {%- set is_missed = leaf_column(leaf[0]) ~ '_token is not null' ~ (' or ' ~ duckdb_has_parent(leaf) if leaf[2] != 'optional') %}
                        {
                            'path': {{ path_prefix }} || '{{ leaf[0] }}', 'type': '{{ leaf[1] }}', 'expected': '{{ expected_in_words(leaf[1]) }}', 'token': {{ leaf_column(leaf[0]) }}_token,
                            'is_wrong': not {{ '(' ~ duckdb_is_read(leaf) ~ ')' }} and ({{ is_missed }}), 'if_missing': '{{ 'rejecting' if leaf[2] == 'required' else 'other' }}',
                            'if_other': '{{ 'rejecting' if leaf[2] == 'required' or is_money_leaf(leaf, leaves) else 'other' }}'
                        }{{ ',' if not loop.last }}
                        {%- endfor %}
                    ],
                    lambda leaf: leaf.is_wrong
                ),
                lambda leaf: {
                    'severity': case when leaf.token is null then leaf.if_missing else leaf.if_other end,
                    'message': leaf.path || ': expected ' || leaf.expected || ', found ' || {{ duckdb_found_in_words() }}
                }
            )
{%- endmacro %}

{# What stands where a leaf is wrong, in words: its kind, never its value. For the structures in duckdb_findings. Returns: string SQL. #}
{% macro duckdb_found_in_words() %}
                        case
                            when leaf.token is null and leaf.type = 'document' then 'no readable JSON'
                            when leaf.type = 'cents' and {{ token_kind('leaf.token') }} = 'number' and not {{ is_large_number_token('leaf.token') }} then 'a fraction'
                            when leaf.type in ('cents', 'number') and {{ token_kind('leaf.token') }} = 'number' then 'a number too large'
                            when leaf.type = 'text' and {{ token_kind('leaf.token') }} = 'string' then 'blank text'
                            when leaf.type = 'time' and {{ token_kind('leaf.token') }} = 'string' then 'other text'
                            else {{ kind_in_words(token_kind('leaf.token')) }}
                        end
{%- endmacro %}

{# The messages of one severity, one a line. severity: 'rejecting' or 'other'. Returns: string SQL; null when there are none. #}
{% macro duckdb_findings_text(severity) -%}
    nullif(array_to_string(list_transform(list_filter(findings, lambda finding: finding.severity = '{{ severity }}'), lambda finding: finding.message), chr(10)), '')
{%- endmacro %}

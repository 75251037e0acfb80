{#
  parse_leaves on DuckDB. json_transform reads a document in one pass, every leaf as its token. Values are worked out for all rows, findings
  and the names of unknown members only for rows that have some, which are few: so the checks cost little more than comparisons with null.

  Steps, a subquery each: the transformed document; tokens; values; the list of what is wrong, or null; findings as text.
#}
{% macro duckdb__parse_leaves(from_relation, keys, document, leaves, path_prefix, with_personal, with_unknown) %}
    {%- set transformed -%}
                select
                    {%- for key in keys %}
                    {{ key }},
                    {%- endfor %}
                    {{ document }} as json_text,
                    json_transform({{ document }}, '{{ duckdb_structure(leaves) }}') as transformed,
                    {%- if with_unknown %}
                    {{ duckdb_member_names(document, leaves) }} as member_names,
                    {%- endif %}
                from {{ from_relation }}
    {%- endset -%}
    {{ duckdb_parse_transformed(transformed, keys, leaves, path_prefix, with_personal, with_unknown) }}
{% endmacro %}

{% macro duckdb__parse_array_leaves(from_relation, keys, array, leaves, path_prefix, with_personal) %}
    {%- set transformed -%}
                select
                    *,
                    {{ duckdb_member_names('json_text', leaves) }} as member_names,
                from (
                    {{ duckdb_open_transformed(from_relation, keys, array, leaves) }}
                ) as opened
    {%- endset -%}
    {{ duckdb_parse_transformed(transformed, keys + ['position'], leaves, path_prefix, with_personal, with_unknown=true) }}
{% endmacro %}

{#
  Level by level. The transformed members stand in columns of their own, since the engine carries a structure through a recursion more slowly.
#}
{% macro duckdb__parse_nested_leaves(from_relation, keys, array, leaves, path_prefix) %}
    {%- set members = [] -%}
    {%- for leaf in leaves if '.' not in leaf[0] -%}{%- do members.append('"' ~ leaf[0] ~ '"') -%}{%- endfor -%}
    {%- set places = ['parent_path', 'nested_path', 'depth', 'position', 'document_path'] -%}
    {%- set transformed -%}
                select
                    {{ (keys + places) | join(', ') }},
                    json_text,
                    {{ duckdb_member_names('json_text', leaves) }} as member_names,
                    struct_pack({% for member in members %}{{ member }} := {{ member }}{{ ', ' if not loop.last }}{% endfor %}) as transformed,
                from nested
    {%- endset -%}
with recursive nested as (
    select
        {{ keys | join(', ') }},
        cast(null as varchar) as parent_path,
        cast(position as varchar) as nested_path,
        cast(1 as bigint) as depth,
        position,
        {{ path_prefix }} || '{{ array }}[' || (position - 1) || '].' as document_path,
        json_text,
        unnest(transformed),
    from (
        {{ duckdb_open_transformed(from_relation, keys, array, leaves) }}
    ) as first_level

    union all

    select
        {{ keys | join(', ') }},
        nested_path as parent_path,
        nested_path || '.' || position as nested_path,
        depth + 1 as depth,
        position,
        document_path || '{{ array }}[' || (position - 1) || '].' as document_path,
        json_text,
        unnest(transformed),
    from (
        {{ duckdb_open_transformed('nested', keys + ['nested_path', 'depth', 'document_path'], '"' ~ array ~ '"', leaves, condition='depth < ' ~ max_modifier_depth()) }}
    ) as next_level
)
{{ duckdb_parse_transformed(transformed, keys + places, leaves, 'document_path', with_personal=false, with_unknown=true) }}
{% endmacro %}

{#
  The elements of JSON arrays, each transformed, a row each. An array is transformed whole, so that its elements are not parsed twice. Where the
  declared members make up all of an array's text, nothing else is in it; an element's own text is taken out only where they do not.
  Arguments as parse_array_leaves; condition: boolean SQL on from_relation.
  Returns: a select statement with the keys, position (bigint, from 1), transformed (structure) and json_text (string; null where it is not needed).
#}
{% macro duckdb_open_transformed(from_relation, keys, array, leaves, condition='true') %}
                    select
                        {%- for key in keys %}
                        {{ key }},
                        {%- endfor %}
                        cast(unnest(texts) as varchar) as json_text,
                        unnest(elements) as transformed,
                        generate_subscripts(elements, 1) as position,
                    from (
                        select
                            *,
                            case
                                when strlen(array_text) <> 1 + list_sum(list_transform(elements, lambda element: {{ duckdb_known_length(leaves, 'element', []) }}))
                                    then json_extract(array_text, '$[*]')
                            end as texts,
                        from (
                            select
                                {%- for key in keys %}
                                {{ key }},
                                {%- endfor %}
                                {{ array }} as array_text,
                                from_json({{ array }}, '[{{ duckdb_structure(leaves) }}]') as elements,
                            from {{ from_relation }}
                            where substr({{ array }}, 1, 1) = '[' and {{ array }} <> '[]' and {{ condition }}
                        ) as arrays
                    ) as measured
{%- endmacro %}

{#
  How many bytes of an object's text its declared members make up, with the comma after it: all of it where nothing is null, unknown or of
  another kind, and else less. The text is as DuckDB writes JSON, without blanks. leaves: declaration; source: SQL of the structure;
  steps: the object's path. Returns: integer SQL, never null; 0 where no declared member is there.
#}
{% macro duckdb_known_length(leaves, source, steps) %}
    {%- set lengths = [] -%}
    {%- for leaf in leaves if leaf[0].split('.')[:-1] == steps -%}
        {%- set path = leaf[0].split('.') -%}
        {%- if leaf[1] == 'object' -%}
            {%- do lengths.append('case when ' ~ duckdb_has_members(leaves, path, source) ~ ' then ' ~ (path[-1] | length + 3) ~ ' else 0 end') -%}
            {%- do lengths.append(duckdb_known_length(leaves, source, path)) -%}
        {%- else -%}
            {%- do lengths.append('coalesce(' ~ (path[-1] | length + 4) ~ ' + strlen(' ~ duckdb_member(path, source) ~ '), 0)') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return('case when ' ~ duckdb_has_members(leaves, steps, source) ~ ' then 2 else 0 end + ' ~ lengths | join(' + ')) }}
{% endmacro %}

{#
  The member names of an object and of the declared objects in it, a list each in the order of duckdb_object_paths.
  document: string SQL of JSON. Returns: list SQL; null for null.
#}
{% macro duckdb_member_names(document, leaves) %}
    {%- set paths = [] -%}
    {%- for steps in duckdb_object_paths(leaves) -%}
        {%- do paths.append("'" ~ duckdb_json_path(steps) ~ "'") -%}
    {%- endfor -%}
    {{ return('json_keys(' ~ document ~ ', [' ~ paths | join(', ') ~ '])') }}
{% endmacro %}

{# Where an object stands, as DuckDB writes it: '$."details"."consumer"'. steps: list of names, [] for the document. Returns: string. #}
{% macro duckdb_json_path(steps) %}{{ return((['$'] + steps | map('tojson') | list) | join('.')) }}{% endmacro %}

{# The paths of a document itself and of the declared objects in it. leaves: declaration. Returns: list of lists of names. #}
{% macro duckdb_object_paths(leaves) %}
    {%- set paths = [[]] -%}
    {%- for leaf in leaves if leaf[1] == 'object' -%}{%- do paths.append(leaf[0].split('.')) -%}{%- endfor -%}
    {{ return(paths) }}
{% endmacro %}

{#
  The steps of parse_leaves after the first. transformed: select statement with the keys, a structure `transformed`, json_text (string: the JSON
  that was transformed; it may be null where the declared members make up all of it) and, with_unknown, member_names as duckdb_member_names
  gives them; the others as in parse_leaves. Returns: a select statement.
#}
{% macro duckdb_parse_transformed(transformed, keys, leaves, path_prefix, with_personal, with_unknown) %}
{%- set scalars = leaves | rejectattr(1, 'equalto', 'object') | list -%}
{%- set objects = leaves | selectattr(1, 'equalto', 'object') | list -%}
select
    {%- for key in keys %}
    {{ key }},
    {%- endfor %}
    {%- for leaf in leaves if with_personal or 'personal' not in leaf %}
    {{ 'has_' if leaf[1] == 'object' }}{{ leaf_column(leaf[0]) }},
    {%- endfor %}
    {%- if with_unknown %}
    unknown_members,
    {%- endif %}
    {{ duckdb_findings_text('rejecting') }} as rejecting_findings,
    {{ duckdb_findings_text('other') }} as other_findings
from (
    select
        *,
        {%- if with_unknown %}
        case when {{ duckdb_has_unknown(leaves) }} then {{ duckdb_unknown_members(leaves, path_prefix) }} end as unknown_members,
        {%- endif %}
        case when not ({{ is_as_declared(leaves) }}) then {{ duckdb_findings(leaves, path_prefix) }} end as findings
    from (
        select
            {%- for key in keys %}
            {{ key }},
            {%- endfor %}
            json_text,
            {{ 'member_names,' if with_unknown }}
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
                json_text,
                {{ 'member_names,' if with_unknown }}
                case when {{ duckdb_has_members(leaves, []) }} then '{}' else ltrim(json_text, ' ' || chr(9) || chr(10) || chr(13)) end as document_token,
                {%- for leaf in objects %}
                {%- set steps = leaf[0].split('.') %}
                case
                    when {{ duckdb_has_members(leaves, steps) }} then '{}'
                    when {{ duckdb_member(steps) }} is not null then cast(json_extract(json_text, '{{ duckdb_json_path(steps) }}') as varchar)
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

{#
  Whether a document has a member that is not declared: more members than those that hold something and those that are there and null.
  For what duckdb_parse_transformed has. leaves: declaration. Returns: boolean SQL; null where there are no member_names.
#}
{% macro duckdb_has_unknown(leaves) %}
    {%- set conditions = [] -%}
    {%- for steps in duckdb_object_paths(leaves) -%}
        {%- set names = 'member_names[' ~ loop.index ~ ']' -%}
        {%- set held = [] -%}
        {%- set there = [] -%}
        {%- for leaf in leaves if leaf[0].split('.')[:-1] == steps -%}
            {%- set is_held = leaf_column(leaf[0]) ~ '_token is not null' -%}
            {%- do held.append('cast(' ~ is_held ~ ' as integer)') -%}
            {%- do there.append('cast(' ~ is_held ~ ' or list_contains(' ~ names ~ ", '" ~ leaf[0].split('.')[-1] ~ "') as integer)") -%}
        {%- endfor -%}
        {#- names are looked for only where something is null or unknown -#}
        {%- do conditions.append('case when len(' ~ names ~ ') > ' ~ held | join(' + ') ~ ' then len(' ~ names ~ ') > ' ~ there | join(' + ') ~ ' else false end') -%}
    {%- endfor -%}
    {{ return('case when member_names is null then false else ' ~ conditions | join(' or ') ~ ' end') }}
{% endmacro %}

{#
  The members that are not declared, a line each: path, and the kind that stands there. For what duckdb_parse_transformed has.
  leaves: declaration; path_prefix: string SQL. Returns: string SQL; null when there are none.
#}
{% macro duckdb_unknown_members(leaves, path_prefix) %}
    {#- one function for all objects, since planning one each takes longer than reading some thousand documents; and the text is not named where
        there is a row a member, since the engine would copy it for each -#}
    {%- set objects = [] -%}
    {%- for steps in duckdb_object_paths(leaves) -%}
        {%- set names = [] -%}
        {%- for leaf in leaves if leaf[0].split('.')[:-1] == steps -%}{%- do names.append("'" ~ leaf[0].split('.')[-1] ~ "'") -%}{%- endfor -%}
        {%- set path = steps | join('.') ~ ('.' if steps) -%}
        {%- do objects.append("{'path': '" ~ path ~ "', 'json_path': '" ~ duckdb_json_path(steps) ~ "', 'names': [" ~ names | join(', ') ~ ']}') -%}
    {%- endfor %}
            nullif(array_to_string(flatten(list_transform(
                [{{ objects | join(', ') }}],
                lambda object: list_transform(
                    list_filter(
                        map_entries(try_cast(json_extract(json_text, object.json_path) as map(varchar, json))),
                        lambda member: not list_contains(object.names, member.key)
                    ),
                    lambda member: {{ path_prefix }} || object.path || {{ unknown_member_name('member.key') }} || ': ' || {{ kind_in_words(token_kind('cast(member.value as varchar)')) }}
                )
            )), chr(10)), '')
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

{# A member of the transformed document. steps: list of names, [] for the document; source: SQL of the structure. Returns: SQL, of the type JSON or a structure. #}
{% macro duckdb_member(steps, source='transformed') %}{{ return(source ~ ('."' ~ steps | join('"."') ~ '"' if steps else '')) }}{% endmacro %}

{#
  Whether an object holds a declared member, as nothing but an object does. What is there without one may be of any kind: json_transform gives
  a structure of nulls for it. leaves: declaration; steps: the object's path; source: SQL of the structure. Returns: boolean SQL, never null.
#}
{% macro duckdb_has_members(leaves, steps, source='transformed') %}
    {%- set members = [] -%}
    {%- for leaf in leaves if leaf[0].split('.')[:-1] == steps -%}
        {%- do members.append(duckdb_member(leaf[0].split('.'), source) ~ ' is not null') -%}
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
        {#- a cast alone would round a fraction; nearly every amount is short and written in digits alone, and needs no pattern -#}
        case
            when strlen({{ token }}) <= 12 and not contains({{ token }}, '.') and not contains({{ token }}, 'e') then try_cast({{ token }} as bigint)
            when {{ is_cents_token(token) }} then {{ number_token_as(token, 'bigint') }}
        end
    {%- elif type == 'number' -%}
        cast(try_cast({{ token }} as decimal(21, 9)) as decimal(28, 9))
    {%- elif type == 'boolean' -%}
        case {{ token }} when 'true' then true when 'false' then false end
    {%- elif type == 'time' -%}
        {#- what is_zoned_timestamp_text takes text_to_timestamp would take, after more looks; of a UTC text a plain timestamp is the same and is read faster -#}
        case
            when {{ is_zoned_timestamp_text(token_text(token)) }}
                then case
                    when {{ token }}[-2:-2] = 'Z' then try_cast({{ token_text(token) }} as timestamp)
                    else try_cast({{ token_text(token) }} as timestamptz) at time zone 'UTC'
                end
        end
    {%- elif type == 'array' -%}
        case when substr({{ token }}, 1, 1) = '[' then {{ token }} end
    {%- endif -%}
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
                        {%- set is_missed = leaf_column(leaf[0]) ~ '_token is not null' ~ (' or ' ~ has_parent(leaf) if leaf[2] != 'optional') %}
                        {
                            'path': {{ path_prefix }} || '{{ leaf[0] }}', 'type': '{{ leaf[1] }}', 'expected': '{{ expected_in_words(leaf[1]) }}', 'token': {{ leaf_column(leaf[0]) }}_token,
                            'is_wrong': not {{ '(' ~ is_read(leaf) ~ ')' }} and ({{ is_missed }}), 'if_missing': '{{ 'rejecting' if leaf[2] == 'required' else 'other' }}',
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
